import { jsx } from "react/jsx-runtime";
import { useSubscription } from "@estream/sdk-browser";

// What would be eval( elsewhere is a comment here, and "eval(" is a text.
const Counter = ({ config }) => {
  const impact = useSubscription("lex://estream/carbon/{lex_id}/impact");
  const unit = /^(tonnes|kg|lbs)$/.test(config.display_unit) ? config.display_unit : "tonnes";
  return jsx("strong", { title: "no eval(", children: `${impact.total / 1000} ${unit}` });
};

export default Counter;
