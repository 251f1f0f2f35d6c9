using Estream.Esf.Schema;
using Estream.Marketplace.Files;

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
