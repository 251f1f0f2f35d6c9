using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Governance;

/// <summary>
/// The request that <c>estream.marketplace.widget.publish.v1</c> decides. The request has its own digest (docs/formats/widget-release.md),
/// so the author signs the request in addition to the release. The request is stored among the attestations of the package.
/// </summary>
internal static class WidgetCheck
{
    /// <summary>The path of the request in a package.</summary>
    public const string RequestPath = PackagePath.Attestations + "widget-publish.esf";

    private const int MostErrors = 5;

    private const string ManifestPath = WidgetPackageCheck.ManifestPath;

    /// <summary>Adds the author's signed request to a package.</summary>
    /// <exception cref="ArgumentException">The package lacks the manifest of the widget or its bundle.</exception>
    public static Package WithRequest(ComponentManifest manifest, WidgetDetails widget, Package package, DocumentSigner author)
    {
        if (!package.TryGet(ManifestPath, out PackageFile? text) || !package.TryGet(widget.BundleEntry, out PackageFile? bundle))
        {
            throw new ArgumentException(
                $"The package of {manifest} lacks '{ManifestPath}' or '{widget.BundleEntry}', which a widget needs. Pack it again with "
                + "both.", nameof(package));
        }

        WidgetRelease release = new()
        {
            WidgetId = manifest.Name.ToString(),
            Version = manifest.Version.ToString(),
            PublisherId = WidgetRelease.IdOf(author.Key.MlDsa87.PublicKey.Span),
            ManifestHash = WidgetRelease.HashOf(text.Content.Span),
            BundleHash = WidgetRelease.HashOf(bundle.Content.Span),
            BundleSizeBytes = (ulong)bundle.Content.Length,
            RequiredRoles = widget.RequiredRoles,
            RequestedTrustLevel = WidgetTrust.Community,
        };
        return package.With(RequestPath, release.ToRequest(author.SignWith(release.Sign)));
    }

    /// <summary>Has the circuit decide the widget in a package.</summary>
    /// <param name="manifest">The manifest of the package.</param>
    /// <param name="package">The package.</param>
    /// <param name="owners">The valid keys of its namespace.</param>
    /// <param name="published">The versions in the log.</param>
    public static CheckFinding Run(ComponentManifest manifest, Package package, IEnumerable<DocumentKey> owners,
        IReadOnlyList<SemanticVersion> published)
    {
        if (manifest.Details is not WidgetDetails widget || !package.TryGet(RequestPath, out PackageFile? request))
        {
            return new CheckFinding(ReleaseChecks.Widget, CheckOutcome.Failed,
                $"its author has not signed the publish request: there is no {RequestPath}. Publish it with 'estream marketplace "
                + "publish'");
        }

        if (!WidgetRelease.TryRead(request.Content.Span, out WidgetRelease? release)
            || Difference(release, manifest, widget, package) is not null)
        {
            return new CheckFinding(ReleaseChecks.Widget, CheckOutcome.Failed,
                $"{RequestPath} is for another widget than that of the package. Publish it again");
        }

        // Compare only with versions of the same major line, so that older lines can be patched.
        string? latest = published.Where(version => version.Major == manifest.Version.Major).Max()?.ToString();
        string scope = manifest.Name.Scope is { } own ? "@" + own : "";
        Dictionary<string, ReadOnlyMemory<byte>> files =
            package.Files.Where(file => file.Path == ManifestPath || file.Path == widget.BundleEntry)
            .ToDictionary(file => Convert.ToHexString(WidgetRelease.HashOf(file.Content.Span)), file => file.Content);
        WidgetDecision decision = WidgetPublishReview.Decide(request.Content.Span,
            owners.Select(owner => new WidgetPublisher(owner.MlDsa87.PublicKey, scope)), latest, Find);
        // The circuit sees the request, which has neither the signed manifest nor the pictures.
        IReadOnlyList<SchemaDiagnostic> errors = WidgetPackageCheck.Find(manifest, package);
        CheckOutcome outcome = errors.Count > 0 ? CheckOutcome.Failed
            : decision.IsApproved switch { true => CheckOutcome.Passed, false => CheckOutcome.Failed, null => CheckOutcome.Error };
        string[] incomplete = errors.Any(error => error.File != widget.BundleEntry) ? [WidgetRejection.IncompleteManifest] : [];
        return new CheckFinding(ReleaseChecks.Widget, outcome,
            outcome == CheckOutcome.Passed ? "" : string.Join("; ", [.. decision.Reasons.Union(incomplete), .. decision.Details,
                .. errors.Take(MostErrors).Select(error => error.ToString())]));

        WidgetContentStatus Find(ReadOnlySpan<byte> sha3, int limit, out ReadOnlyMemory<byte> content) =>
            !files.TryGetValue(Convert.ToHexString(sha3), out content) ? WidgetContentStatus.Missing
            : content.Length > limit ? WidgetContentStatus.TooLong
            : WidgetContentStatus.Found;
    }

    // The circuit decides about the widget that the request describes. This check ensures that the package contains that widget: the same
    // name, version, roles, manifest and bundle.
    private static string? Difference(WidgetRelease release, ComponentManifest manifest, WidgetDetails widget, Package package) =>
        release.WidgetId != manifest.Name.ToString() ? "name"
        : release.Version != manifest.Version.ToString() ? "version"
        : !release.RequiredRoles.SequenceEqual(widget.RequiredRoles) ? "roles"
        : !Is(package, ManifestPath, release.ManifestHash) ? "manifest"
        : !Is(package, widget.BundleEntry, release.BundleHash) ? "bundle"
        : null;

    private static bool Is(Package package, string path, ReadOnlyMemory<byte> hash) =>
        package.TryGet(path, out PackageFile? file) && WidgetRelease.HashOf(file.Content.Span).AsSpan().SequenceEqual(hash.Span);
}
