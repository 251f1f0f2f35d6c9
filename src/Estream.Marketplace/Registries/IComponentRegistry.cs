using Estream.Esf.Schema;
using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Bundles;

namespace Estream.Marketplace.Registries;

/// <summary>
/// Where components are published and fetched from: a directory, a web server, a Git repository, an OCI layout. All of them hold the same
/// things and give the same bytes.
/// </summary>
/// <remarks>
/// Implementations are thread-safe. A registry is a place and no authority: what it gives is believed when its bundle verifies, and until
/// then it is only what somebody serves. Methods throw <see cref="Core.EstreamException"/>s: <see cref="EstreamRegistryException"/> for
/// what the registry refuses or holds wrongly, <see cref="Files.EstreamContentException"/> for what has more bytes than it may have, and
/// those of the storage. What fits into memory is given whole; the limits stand in <see cref="RegistryLimits"/>.
/// </remarks>
public interface IComponentRegistry
{
    /// <summary>Which registry it is, as locks and messages say it: <c>directory:/srv/components</c>. Without passwords.</summary>
    string Location { get; }

    /// <summary>
    /// The files by which the registry says what it has, signed: its roles, the checkpoint and the tiles of its log, and its catalogue
    /// (<see cref="RegistryPaths"/>). What a client believes comes from them (<see cref="Client.RegistryView"/>).
    /// </summary>
    IFileSource Files { get; }

    /// <summary>The releases of a component, in the order of their versions; none where the component is not known. Those that are yanked
    /// are among them. Nobody has signed it: for who runs the registry or copies it.</summary>
    /// <param name="name">The component.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<IReadOnlyList<RegistryRelease>> ListAsync(ComponentName name, CancellationToken cancellation);

    /// <summary>The components whose name has a text in it, in the order of their names.</summary>
    /// <param name="text">A part of a name; empty for all.</param>
    /// <param name="limit">The most names that are given.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<IReadOnlyList<ComponentName>> SearchAsync(string text, int limit, CancellationToken cancellation);

    /// <summary>Fetches a package. Its length and its digest are those of the release.</summary>
    /// <param name="release">One of <see cref="ListAsync"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<byte[]> ReadPackageAsync(RegistryRelease release, CancellationToken cancellation);

    /// <summary>Fetches the bundle that shows whose the release is (docs/formats/bundle.md), without the package.</summary>
    /// <param name="release">One of <see cref="ListAsync"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<byte[]> ReadBundleAsync(RegistryRelease release, CancellationToken cancellation);

    /// <summary>Publishes a release. One that is there already with the same package is left as it is; with another, that is refused: a
    /// version is the same for good.</summary>
    /// <param name="publication">What is published.</param>
    /// <param name="cancellation">Ends the wait; what was half done is not seen.</param>
    ValueTask<PublishResult> PublishAsync(RegistryPublication publication, CancellationToken cancellation);

    /// <summary>Takes a release back, or offers it again.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    /// <param name="reason">Why it is taken back, for people; <see langword="null"/> offers it again.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<PublishResult> YankAsync(ComponentName name, SemanticVersion version, string? reason, CancellationToken cancellation);

    /// <summary>Tells users of a release that it is better not used any more, or takes that back.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    /// <param name="message">What they are told; <see langword="null"/> takes it back.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<PublishResult> DeprecateAsync(ComponentName name, SemanticVersion version, string? message, CancellationToken cancellation);

    /// <summary>Puts bundles in the place of those that are there: a registry makes them anew as they grow old (`registry renew`), and when
    /// its keys change. What they are of stays as it is.</summary>
    /// <param name="name">The component.</param>
    /// <param name="bundles">The bundles of some of its releases. The same bytes again change nothing.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Whether anything was changed. Where changes are proposed to somebody (a pull request) nothing is: nobody reads what changes
    /// each day.</returns>
    /// <exception cref="EstreamRegistryException">A release is not there, or the registry cannot be written to.</exception>
    /// <exception cref="ArgumentException">A bundle is empty or too large.</exception>
    ValueTask<PublishResult> RenewBundlesAsync(ComponentName name, IReadOnlyList<RegistryBundle> bundles, CancellationToken cancellation);

    /// <summary>Puts <see cref="Files"/>, in their order: what names others behind what it names.</summary>
    /// <param name="files">The files (<see cref="RegistryFileSet"/>).</param>
    /// <param name="cancellation">Ends the wait; what was half done does no harm, since what names it is missing.</param>
    ValueTask<PublishResult> WriteFilesAsync(IReadOnlyList<RegistryFile> files, CancellationToken cancellation);

    /// <summary>Looks again at what may have been kept of it here. Nothing is kept where files are read when they are asked for.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask RefreshAsync(CancellationToken cancellation) => ValueTask.CompletedTask;
}

/// <summary>The bundle of a release as its registry makes it now: of a later time than the one before, or signed by other keys of the
/// registry.</summary>
/// <param name="Version">Which release of the component.</param>
/// <param name="Content">The bundle (docs/formats/bundle.md), without the package.</param>
public sealed record RegistryBundle(SemanticVersion Version, ReadOnlyMemory<byte> Content)
{
    /// <summary>The file it is, in a registry of files.</summary>
    internal RegistryFile FileOf(ComponentName name) => new(RegistryPaths.Bundle(name, Version), Content);
}

/// <summary>A file by which a registry says what it has.</summary>
/// <param name="Path">Its path in the registry.</param>
/// <param name="Content">Its bytes.</param>
public sealed record RegistryFile(string Path, ReadOnlyMemory<byte> Content);

/// <summary>A release on its way into a registry.</summary>
/// <param name="Release">What is said of it; its length and digest are those of the package.</param>
/// <param name="Package">The package's bytes.</param>
/// <param name="Bundle">The bundle that shows whose it is, without the package. A registry holds nothing without one.</param>
public sealed record RegistryPublication(RegistryRelease Release, ReadOnlyMemory<byte> Package, ReadOnlyMemory<byte> Bundle);

/// <summary>What came of publishing.</summary>
/// <param name="Outcome">Whether it is there.</param>
/// <param name="Address">Where people see it, such as the address of a pull request; empty where there is no such place.</param>
public sealed record PublishResult(PublishOutcome Outcome, string Address = "");

/// <summary>Whether what was published is there.</summary>
public enum PublishOutcome
{
    /// <summary>It is there now.</summary>
    Published,

    /// <summary>It was there already, and the same.</summary>
    Unchanged,

    /// <summary>It was handed in, and is there when somebody has taken it.</summary>
    Proposed,

    /// <summary>It is not there: it waits for a check or an approval where the registry is run.</summary>
    Pending,
}

/// <summary>How much of what a registry serves is taken.</summary>
public static class RegistryLimits
{
    /// <summary>Bytes of a package.</summary>
    public const int MaxPackageBytes = ComponentBundle.MaxPackageBytes;

    /// <summary>Bytes of a bundle without its package.</summary>
    public const int MaxBundleBytes = ComponentBundle.MaxBytesWithoutPackage;

    /// <summary>Bytes of what is said of all releases of a component.</summary>
    public const int MaxIndexBytes = 16 << 20;

    /// <summary>Bytes of the list of names.</summary>
    public const int MaxNamesBytes = 16 << 20;

    /// <summary>Releases of a component.</summary>
    public const int MaxReleases = 4096;

    /// <summary>Components of a registry.</summary>
    public const int MaxComponents = 100_000;

    /// <summary>Dependencies, schemas or engines of a release, each.</summary>
    public const int MaxRequirements = 256;
}
