using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Workspaces;

/// <summary>
/// What a workspace consists of, to the byte: the content of <c>estream-workspace.lock</c> (docs/formats/workspace.md). It says nothing of
/// a platform, an archive or a time, so the same resolution has the same file everywhere. Immutable.
/// </summary>
public sealed class WorkspaceLock
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "estream-workspace.lock";

    /// <summary>Most bytes of the file.</summary>
    public const int MaxBytes = 8 << 20;

    /// <summary>Most components.</summary>
    public const int MaxComponents = 10_000;

    /// <summary>The version of the format that is written here.</summary>
    public const int FormatVersion = 1;

    private readonly Dictionary<ComponentName, LockedComponent> _byName;

    /// <summary>Makes a lock.</summary>
    /// <param name="requirements">What the workspace asked for when it was made.</param>
    /// <param name="components">The components, each once, in any order.</param>
    /// <param name="schemas">The schemas somebody needs, and the component each comes from.</param>
    /// <exception cref="ArgumentException">A component is there twice, needs one that is not there, or a schema comes from one that is
    /// not.</exception>
    public WorkspaceLock(IEnumerable<ComponentRequirement> requirements, IEnumerable<LockedComponent> components,
        IReadOnlyDictionary<string, ComponentName> schemas)
    {
        ArgumentNullException.ThrowIfNull(requirements);
        ArgumentNullException.ThrowIfNull(components);
        ArgumentNullException.ThrowIfNull(schemas);
        Requirements = [.. requirements.OrderBy(requirement => requirement.Name)];
        Components = [.. components.OrderBy(component => component.Name)];
        Schemas = new SortedDictionary<string, ComponentName>(schemas.ToDictionary(), StringComparer.Ordinal);
        if (LockFields.Inconsistency(this) is string reason)
        {
            throw new ArgumentException(reason, nameof(components));
        }

        _byName = Components.ToDictionary(component => component.Name);
    }

    /// <summary>What the workspace asked for when the lock was made, by name.</summary>
    public IReadOnlyList<ComponentRequirement> Requirements { get; }

    /// <summary>The components, by name.</summary>
    public IReadOnlyList<LockedComponent> Components { get; }

    /// <summary>The schemas somebody needs, and the component each comes from.</summary>
    public IReadOnlyDictionary<string, ComponentName> Schemas { get; }

    /// <summary>Reads a lock; false, with the reason, where the bytes are none. Only the bytes that <see cref="Encode"/> would write are
    /// one. Never throws.</summary>
    public static bool TryRead(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out WorkspaceLock? read,
        [NotNullWhen(false)] out string? reason) =>
        WorkspaceLockReader.TryRead(utf8, out read, out reason);

    /// <summary>The component of a name; null where it is not there.</summary>
    public LockedComponent? Find(ComponentName name) => _byName.GetValueOrDefault(name);

    /// <summary>Whether it was made for these requirements, so that nothing has to be resolved anew.</summary>
    public bool IsFor(IEnumerable<ComponentRequirement> requirements)
    {
        ArgumentNullException.ThrowIfNull(requirements);
        return Requirements.SequenceEqual(requirements.OrderBy(requirement => requirement.Name));
    }

    /// <summary>The bytes of the file: canonical JSON (RFC 8785) in UTF-8, and nothing behind it.</summary>
    public byte[] Encode() => CanonicalJson.Write(LockFields.Write(this));
}
