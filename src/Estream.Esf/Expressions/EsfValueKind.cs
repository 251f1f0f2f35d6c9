using System.Diagnostics.CodeAnalysis;

namespace Estream.Esf.Expressions;

/// <summary>What an expression makes of a message, when it can make anything of it.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The kinds are named as people name them, and as the schema language does.")]
public enum EsfValueKind
{
    /// <summary>True or false.</summary>
    Boolean,
    /// <summary>A whole number of 128 bits: an integer or timestamp field, or what is computed of them.</summary>
    Integer,
    /// <summary>A finite binary64 number.</summary>
    Number,
    /// <summary>UTF-8 text.</summary>
    Text,
    /// <summary>Bytes that are no text.</summary>
    Bytes,
    /// <summary>A value of an enum, as its ordinal.</summary>
    Enum,
    /// <summary>An object: its fields have values, and it can be asked for with <c>has</c>.</summary>
    Object,
    /// <summary>An array or a map: <c>has</c> and <c>length</c> take it.</summary>
    Sequence,
}
