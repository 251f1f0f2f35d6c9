import { jsx } from "react/jsx-runtime";

const run = eval;
const Counter = ({ config }) => jsx("strong", { children: run(config.formula) });

export default Counter;
