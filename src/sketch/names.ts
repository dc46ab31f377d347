/** `NdvApprox.method` of every estimate by theta sketch (07 §6.7). */
export const THETA_METHOD = "apache-datasketches-theta";
/** Type of a theta sketch, in records (07 §6.7) and as a Puffin blob (07 §6.8). */
export const THETA_SKETCH_TYPE = "apache-datasketches-theta-v1";
