namespace Estream.Marketplace.Workspaces;

/// <summary>The limits of workspace files: whatever comes from outside has one.</summary>
public static class WorkspaceLimits
{
    /// <summary>Most components a workspace asks for itself.</summary>
    public const int MaxRequirements = 1_000;

    /// <summary>Most entries of any other list or table of the file.</summary>
    public const int MaxEntries = 256;

    /// <summary>Most characters of a text.</summary>
    public const int MaxTextLength = 512;

    /// <summary>The longest cooldown, in hours: ten years.</summary>
    public const int MaxCooldownHours = 87_600;
}
