export { reflectionRoutes } from "./reflection.ts";
export { answerStream, type Call, type Route, serverStream, unary } from "./routes.ts";
export {
  type GrpcServer,
  type GrpcServerOptions,
  type Interception,
  type Interceptor,
  startGrpcServer,
} from "./server.ts";
export { GRPC_STATUS, GrpcStatusError, type GrpcStatusName } from "./status.ts";
