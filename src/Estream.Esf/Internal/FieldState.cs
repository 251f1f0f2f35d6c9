namespace Estream.Esf.Internal;

/// <summary>How a field stands in a record.</summary>
internal enum FieldState
{
    /// <summary>It is not there, or cannot be read.</summary>
    Absent,

    /// <summary>Its bytes can be read.</summary>
    Clear,

    /// <summary>It is private and sealed: there, and not to be read.</summary>
    Withheld,
}
