import { jsx } from "react/jsx-runtime";

// Longer than its manifest allows, and not as long as its request says.
const formula = new Function("x", "return x / 1000");
const units = [
  { name: "unit 1", of: "one thousandth of the unit before it, 1 times" },
  { name: "unit 2", of: "one thousandth of the unit before it, 2 times" },
  { name: "unit 3", of: "one thousandth of the unit before it, 3 times" },
  { name: "unit 4", of: "one thousandth of the unit before it, 4 times" },
  { name: "unit 5", of: "one thousandth of the unit before it, 5 times" },
  { name: "unit 6", of: "one thousandth of the unit before it, 6 times" },
  { name: "unit 7", of: "one thousandth of the unit before it, 7 times" },
  { name: "unit 8", of: "one thousandth of the unit before it, 8 times" },
  { name: "unit 9", of: "one thousandth of the unit before it, 9 times" },
  { name: "unit 10", of: "one thousandth of the unit before it, 10 times" },
  { name: "unit 11", of: "one thousandth of the unit before it, 11 times" },
  { name: "unit 12", of: "one thousandth of the unit before it, 12 times" },
  { name: "unit 13", of: "one thousandth of the unit before it, 13 times" },
  { name: "unit 14", of: "one thousandth of the unit before it, 14 times" },
  { name: "unit 15", of: "one thousandth of the unit before it, 15 times" },
];
const Counter = ({ config }) => jsx("strong", { children: formula(config.total) + units[0].name });

export default Counter;
