import { jsx } from "react/jsx-runtime";
import { useSubscription } from "@estream/sdk-browser";

const Doors = () => {
  const moves = useSubscription("lex://acme/doors/{door}/moves");
  return jsx("strong", { children: `${moves.count} moves` });
};

export default Doors;
