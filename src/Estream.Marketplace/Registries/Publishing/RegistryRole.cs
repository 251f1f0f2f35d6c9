namespace Estream.Marketplace.Publishing;

/// <summary>A role of a registry whose key can be exchanged (docs/formats/roles.md). The key of the log stays: checkpoints that others keep
/// were signed with it.</summary>
public enum RegistryRole
{
    /// <summary>Says who speaks for all roles. Kept where no network is.</summary>
    Root,

    /// <summary>Says the policy. Kept where no network is.</summary>
    Targets,

    /// <summary>Says what belongs together.</summary>
    Snapshot,

    /// <summary>Says what is the newest.</summary>
    Timestamp,
}
