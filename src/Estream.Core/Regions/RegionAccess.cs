namespace Estream.Core;

/// <summary>The allowed access to a region.</summary>
public enum RegionAccess
{
    /// <summary>Reading only. The pages are mapped read-only.</summary>
    ReadOnly,

    /// <summary>Reading and writing.</summary>
    ReadWrite,
}
