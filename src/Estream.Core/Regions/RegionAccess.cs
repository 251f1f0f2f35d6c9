namespace Estream.Core;

/// <summary>What a region may be used for.</summary>
public enum RegionAccess
{
    /// <summary>Reading only: the pages are mapped without the right to write, so a stray write is refused, never stored.</summary>
    ReadOnly,

    /// <summary>Reading and writing.</summary>
    ReadWrite,
}
