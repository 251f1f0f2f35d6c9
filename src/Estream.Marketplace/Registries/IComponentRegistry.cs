using Estream.Esf.Schema;
using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Bundles;

namespace Estream.Marketplace.Registries;

/// <summary>
/// A registry to publish components to and fetch them from: a directory, a web server, a Git repository or an OCI layout. All kinds hold
/// the same content and return the same bytes.
/// </summary>
/// <remarks>
/// Implementations are thread-safe. A registry is a location, not an authority: its content is trusted only after its bundle verifies.
/// Methods throw a <see cref="Core.EstreamException"/>: <see cref="EstreamRegistryException"/> if the registry refuses a request or has
/// invalid content, <see cref="Files.EstreamContentException"/> if content exceeds its limit, and those of the storage. Files are returned
/// in memory as a whole; <see cref="RegistryLimits"/> has the limits.
/// </remarks>
public interface IComponentRegistry
{
    /// <summary>The registry as lock files and messages name it: <c>directory:/srv/components</c>. Contains no passwords.</summary>
    string Location { get; }

    /// <summary>
    /// The signed metadata of the registry: its roles, the checkpoint and the tiles of its log, and its catalogue
    /// (<see cref="RegistryPaths"/>). Clients verify it (<see cref="Client.RegistryView"/>).
    /// </summary>
    IFileSource Files { get; }

    /// <summary>Returns the releases of a component, ordered by version and including yanked ones; empty for an unknown component. The list
    /// is not signed: it is meant for operators and mirrors.</summary>
    /// <param name="name">The component.</param>
    /// <param name="cancellation">Cancels the call.</param>
    ValueTask<IReadOnlyList<RegistryRelease>> ListAsync(ComponentName name, CancellationToken cancellation);

    /// <summary>Returns the components whose name contains a text, ordered by name.</summary>
    /// <param name="text">A part of a name; empty for all components.</param>
    /// <param name="limit">The maximum number of names to return.</param>
    /// <param name="cancellation">Cancels the call.</param>
    ValueTask<IReadOnlyList<ComponentName>> SearchAsync(string text, int limit, CancellationToken cancellation);

    /// <summary>Fetches a package and checks that it has the length and the digest of the release.</summary>
    /// <param name="release">A release returned by <see cref="ListAsync"/>.</param>
    /// <param name="cancellation">Cancels the call.</param>
    ValueTask<byte[]> ReadPackageAsync(RegistryRelease release, CancellationToken cancellation);

    /// <summary>Fetches the bundle that proves the origin of a release (docs/formats/bundle.md), without the package.</summary>
    /// <param name="release">A release returned by <see cref="ListAsync"/>.</param>
    /// <param name="cancellation">Cancels the call.</param>
    ValueTask<byte[]> ReadBundleAsync(RegistryRelease release, CancellationToken cancellation);

    /// <summary>Publishes a release. Does nothing if the version exists with the same package; throws if it exists with a different one,
    /// because a published version never changes.</summary>
    /// <param name="publication">The release to publish.</param>
    /// <param name="cancellation">Cancels the call; a partly written release is not visible.</param>
    ValueTask<PublishResult> PublishAsync(RegistryPublication publication, CancellationToken cancellation);

    /// <summary>Yanks a release, or undoes a yank.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    /// <param name="reason">The reason for the yank, for display; <see langword="null"/> undoes the yank.</param>
    /// <param name="cancellation">Cancels the call.</param>
    ValueTask<PublishResult> YankAsync(ComponentName name, SemanticVersion version, string? reason, CancellationToken cancellation);

    /// <summary>Deprecates a release, or undoes its deprecation.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    /// <param name="message">The message for users of the release; <see langword="null"/> undoes the deprecation.</param>
    /// <param name="cancellation">Cancels the call.</param>
    ValueTask<PublishResult> DeprecateAsync(ComponentName name, SemanticVersion version, string? message, CancellationToken cancellation);

    /// <summary>Replaces the bundles of releases. A registry renews bundles before they are too old (`registry renew`) and when its keys
    /// change. The releases themselves do not change.</summary>
    /// <param name="name">The component.</param>
    /// <param name="bundles">The bundles of some releases of the component. Identical bytes change nothing.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>Whether anything changed. A registry that proposes its changes (pull requests) ignores the call, because no one reviews
    /// daily changes.</returns>
    /// <exception cref="EstreamRegistryException">A release does not exist, or the registry is not writable.</exception>
    /// <exception cref="ArgumentException">A bundle is empty or too large.</exception>
    ValueTask<PublishResult> RenewBundlesAsync(ComponentName name, IReadOnlyList<RegistryBundle> bundles, CancellationToken cancellation);

    /// <summary>Writes metadata files (<see cref="Files"/>) in the given order: a file must follow the files that it references.</summary>
    /// <param name="files">The files (<see cref="RegistryFileSet"/>).</param>
    /// <param name="cancellation">Cancels the call. Files already written do no harm, because nothing references them yet.</param>
    ValueTask<PublishResult> WriteFilesAsync(IReadOnlyList<RegistryFile> files, CancellationToken cancellation);

    /// <summary>Refreshes local copies of the registry. Does nothing if the registry keeps none.</summary>
    /// <param name="cancellation">Cancels the call.</param>
    ValueTask RefreshAsync(CancellationToken cancellation) => ValueTask.CompletedTask;
}

/// <summary>A bundle that replaces the previous bundle of a release, because the registry renewed it or signed it with other
/// keys.</summary>
/// <param name="Version">The version of the release.</param>
/// <param name="Content">The bundle (docs/formats/bundle.md), without the package.</param>
public sealed record RegistryBundle(SemanticVersion Version, ReadOnlyMemory<byte> Content)
{
    /// <summary>Returns the file of the bundle in a file-based registry.</summary>
    internal RegistryFile FileOf(ComponentName name) => new(RegistryPaths.Bundle(name, Version), Content);
}

/// <summary>A metadata file of a registry.</summary>
/// <param name="Path">Its path in the registry.</param>
/// <param name="Content">Its bytes.</param>
public sealed record RegistryFile(string Path, ReadOnlyMemory<byte> Content);

/// <summary>A release to publish.</summary>
/// <param name="Release">The catalogue entry; its length and digest are those of the package.</param>
/// <param name="Package">The bytes of the package.</param>
/// <param name="Bundle">The bundle that proves the origin of the release, without the package. Required by every registry.</param>
public sealed record RegistryPublication(RegistryRelease Release, ReadOnlyMemory<byte> Package, ReadOnlyMemory<byte> Bundle);

/// <summary>The result of a change to a registry.</summary>
/// <param name="Outcome">Whether the change is in effect.</param>
/// <param name="Address">The address where people can view the change, such as that of a pull request; may be empty.</param>
public sealed record PublishResult(PublishOutcome Outcome, string Address = "");

/// <summary>Whether a change to a registry is in effect.</summary>
public enum PublishOutcome
{
    /// <summary>The change is in effect.</summary>
    Published,

    /// <summary>The registry already had the same content.</summary>
    Unchanged,

    /// <summary>The change was proposed and takes effect when it is accepted.</summary>
    Proposed,

    /// <summary>The change is not in effect: it waits for a check or an approval by the registry's operator.</summary>
    Pending,
}

/// <summary>The limits of registry content.</summary>
public static class RegistryLimits
{
    /// <summary>The maximum size of a package in bytes.</summary>
    public const int MaxPackageBytes = ComponentBundle.MaxPackageBytes;

    /// <summary>The maximum size of a bundle in bytes, without its package.</summary>
    public const int MaxBundleBytes = ComponentBundle.MaxBytesWithoutPackage;

    /// <summary>The maximum size of the index of a component in bytes.</summary>
    public const int MaxIndexBytes = 16 << 20;

    /// <summary>The maximum size of the list of names in bytes.</summary>
    public const int MaxNamesBytes = 16 << 20;

    /// <summary>The maximum number of releases of a component.</summary>
    public const int MaxReleases = 4096;

    /// <summary>The maximum number of components in a registry.</summary>
    public const int MaxComponents = 100_000;

    /// <summary>The maximum number of dependencies, of schemas and of engines of a release.</summary>
    public const int MaxRequirements = 256;
}
