import { base64Text, uuidText } from "./binary-text.ts";
import { dateText, dateTimeText, timeText } from "./calendar.ts";
import { plainDecimalText } from "./decimal.ts";
import { javaDoubleText, javaFloatText } from "./float-text.ts";
import type { LogicalValue } from "./value.ts";

/**
 * Text form of a value, as minimum and maximum carry it (07 §3.1). `precision` is that of the column's type, which capture
 * itself never sets.
 */
export function valueText(value: LogicalValue, precision?: number): string {
  switch (value.kind) {
    case "BOOLEAN":
      return value.value ? "true" : "false";
    case "INT":
      return value.value.toString();
    case "FLOAT":
      return value.value === 0 ? "0" : javaFloatText(value.value);
    case "DOUBLE":
      return value.value === 0 ? "0" : javaDoubleText(value.value);
    case "DECIMAL":
      return plainDecimalText(value.value);
    case "STRING":
      return value.value;
    case "BINARY":
      return base64Text(value.value);
    case "UUID":
      return uuidText(value.value);
    case "DATE":
      return dateText(value.value);
    case "TIME":
      return timeText(value.value, precision ?? "trimmed");
    case "TIMESTAMP":
      return dateTimeText(value.value, precision ?? "trimmed");
    case "TIMESTAMPTZ":
      return `${dateTimeText(value.value, precision ?? "grouped")}Z`;
  }
}
