namespace Estream.Core;

/// <summary>What happened to an entry of a map; see <see cref="MapChange"/>.</summary>
public enum MapChangeKind
{
    /// <summary>The key has this value now, whether it was there before or not.</summary>
    Put = 1,

    /// <summary>The key is not there any more, or never was.</summary>
    Remove = 2,

    /// <summary>The key is not there any more because its time was over.</summary>
    Expire = 3,

    /// <summary>No key is there any more.</summary>
    Clear = 4,
}
