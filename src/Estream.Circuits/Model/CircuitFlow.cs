using Estream.Esf.Schema;

namespace Estream.Circuits;

/// <summary>That messages go from one input or node to another node or an output.</summary>
/// <param name="From">The name of an input or the id of a node.</param>
/// <param name="To">The id of a node or the name of an output.</param>
/// <param name="Position">Where the file says so.</param>
public sealed record CircuitFlow(string From, string To, SourcePosition Position);
