namespace Estream.Core;

/// <summary>How a file is locked against other openings of the same file.</summary>
public enum LockMode
{
    /// <summary>Any number of holders, but no exclusive one. Needs no right to write.</summary>
    Shared,

    /// <summary>One holder and no shared ones.</summary>
    Exclusive,
}
