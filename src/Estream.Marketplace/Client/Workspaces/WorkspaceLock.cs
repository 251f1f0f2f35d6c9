using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Workspaces;

/// <summary>
/// The exact content of a workspace: the lock file <c>estream-workspace.lock</c> (docs/formats/workspace.md). It contains no platform,
/// archive or time, so the same resolution gives the same file everywhere. Immutable.
/// </summary>
public sealed class WorkspaceLock
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "estream-workspace.lock";

    /// <summary>The maximum size of the file in bytes.</summary>
    public const int MaxBytes = 8 << 20;

    /// <summary>The maximum number of components.</summary>
    public const int MaxComponents = 10_000;

    /// <summary>The format version that this class writes.</summary>
    public const int FormatVersion = 1;

    private readonly Dictionary<ComponentName, LockedComponent> _byName;

    /// <summary>Creates a lock.</summary>
    /// <param name="requirements">The requirements of the workspace that the lock was resolved for.</param>
    /// <param name="components">The components, each once, in any order.</param>
    /// <param name="schemas">The required schemas, and the component that provides each.</param>
    /// <exception cref="ArgumentException">A component is listed twice, or a component that is needed, requested or provides a schema is
    /// missing.</exception>
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

    /// <summary>The requirements of the workspace that the lock was resolved for, by name.</summary>
    public IReadOnlyList<ComponentRequirement> Requirements { get; }

    /// <summary>The components, by name.</summary>
    public IReadOnlyList<LockedComponent> Components { get; }

    /// <summary>The required schemas, and the component that provides each.</summary>
    public IReadOnlyDictionary<string, ComponentName> Schemas { get; }

    /// <summary>Reads a lock. Returns false, with the reason, unless the bytes are exactly those that <see cref="Encode"/> writes. Never
    /// throws.</summary>
    public static bool TryRead(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out WorkspaceLock? read,
        [NotNullWhen(false)] out string? reason) =>
        WorkspaceLockReader.TryRead(utf8, out read, out reason);

    /// <summary>Returns the component of a name, or null.</summary>
    public LockedComponent? Find(ComponentName name) => _byName.GetValueOrDefault(name);

    /// <summary>Returns whether the lock was resolved for these requirements, so that it needs no new resolution.</summary>
    public bool IsFor(IEnumerable<ComponentRequirement> requirements)
    {
        ArgumentNullException.ThrowIfNull(requirements);
        return Requirements.SequenceEqual(requirements.OrderBy(requirement => requirement.Name));
    }

    /// <summary>Returns the bytes of the file: canonical JSON (RFC 8785) in UTF-8, without a trailing newline.</summary>
    public byte[] Encode() => CanonicalJson.Write(LockFields.Write(this));
}
