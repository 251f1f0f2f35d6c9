using Estream.Esf.Expressions;
using Estream.Esf.Schema;

namespace Estream.Circuits;

/// <summary>A condition that every message holds at one place of a circuit. A message for which it does not hold goes no further, and is
/// rejected. Immutable.</summary>
public sealed class CircuitInvariant
{
    internal CircuitInvariant(string place, EsfExpression condition, SourcePosition position)
    {
        Place = place;
        Condition = condition;
        Position = position;
    }

    /// <summary>The input, node or output whose messages it is about.</summary>
    public string Place { get; }

    /// <summary>The condition, as the file says it.</summary>
    public string Text => Condition.Text;

    /// <summary>Where it is declared.</summary>
    public SourcePosition Position { get; }

    internal EsfExpression Condition { get; }
}
