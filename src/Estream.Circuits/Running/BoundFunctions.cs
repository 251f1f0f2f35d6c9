using Estream.Streams.Pipelines.Running;

namespace Estream.Circuits.Running;

/// <summary>The functions of bound nodes for one opening: code that is for several nodes is made once, so that these can share what it
/// remembers.</summary>
internal sealed class BoundFunctions(Opening opening)
{
    private readonly Dictionary<CircuitCode, IReadOnlyDictionary<string, CircuitFunction>> _made = [];

    /// <summary>The function of a node.</summary>
    /// <exception cref="InvalidOperationException">The code has none for it.</exception>
    public CircuitFunction For(CircuitNode node)
    {
        CircuitCode code = node.Code!;
        if (!_made.TryGetValue(code, out IReadOnlyDictionary<string, CircuitFunction>? functions))
        {
            _made.Add(code, functions = code(new CircuitInstance(opening.Places, opening.Owned)));
        }

        return functions.TryGetValue(node.Id, out CircuitFunction? function) ? function : throw new InvalidOperationException($"The code for the node '{node.Id}' was made without a function for it: return one for each id that was given to {nameof(Circuit.Bind)}.");
    }
}
