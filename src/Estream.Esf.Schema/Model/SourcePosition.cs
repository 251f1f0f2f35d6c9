using System.Globalization;

namespace Estream.Esf.Schema;

/// <summary>A place in a schema file.</summary>
public readonly struct SourcePosition : IEquatable<SourcePosition>
{
    /// <summary>A place by line and column, both counted from 1.</summary>
    public SourcePosition(int line, int column)
    {
        Line = line;
        Column = column;
    }

    /// <summary>Line, counted from 1.</summary>
    public int Line { get; }

    /// <summary>Column, counted from 1.</summary>
    public int Column { get; }

    /// <inheritdoc/>
    public bool Equals(SourcePosition other) => Line == other.Line && Column == other.Column;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SourcePosition other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((Line * 397) ^ Column);

    /// <summary>Equality of line and column.</summary>
    public static bool operator ==(SourcePosition left, SourcePosition right) => left.Equals(right);

    /// <summary>Difference of line or column.</summary>
    public static bool operator !=(SourcePosition left, SourcePosition right) => !left.Equals(right);

    /// <summary>The place as <c>line,column</c>.</summary>
    public override string ToString() =>
        Line.ToString(CultureInfo.InvariantCulture) + "," + Column.ToString(CultureInfo.InvariantCulture);
}
