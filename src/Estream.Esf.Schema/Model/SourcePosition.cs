using System.Globalization;

namespace Estream.Esf.Schema;

/// <summary>A position in a schema file.</summary>
public readonly struct SourcePosition : IEquatable<SourcePosition>
{
    /// <summary>Creates a position from line and column, both counted from 1.</summary>
    public SourcePosition(int line, int column)
    {
        Line = line;
        Column = column;
    }

    /// <summary>The line, counted from 1.</summary>
    public int Line { get; }

    /// <summary>The column, counted from 1.</summary>
    public int Column { get; }

    /// <inheritdoc/>
    public bool Equals(SourcePosition other) => Line == other.Line && Column == other.Column;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SourcePosition other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((Line * 397) ^ Column);

    /// <summary>Whether line and column are equal.</summary>
    public static bool operator ==(SourcePosition left, SourcePosition right) => left.Equals(right);

    /// <summary>Whether line or column differs.</summary>
    public static bool operator !=(SourcePosition left, SourcePosition right) => !left.Equals(right);

    /// <summary>Returns the position as <c>line,column</c>.</summary>
    public override string ToString() =>
        Line.ToString(CultureInfo.InvariantCulture) + "," + Column.ToString(CultureInfo.InvariantCulture);
}
