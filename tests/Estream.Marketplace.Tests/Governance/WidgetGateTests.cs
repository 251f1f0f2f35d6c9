using System.Text;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Tests.Publishing;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>A widget is published only if the widget circuit approves a request for its files, signed by a namespace owner.</summary>
public sealed class WidgetGateTests
{
    private const string RequestPath = "attestations/widget-publish.esf";
    private static readonly string s_template = RepositoryRoot.Combine("src", "Estream.Cli", "Templates", "console-widget");

    [Fact]
    public async Task Approved_widget_is_published_and_an_older_line_can_be_patched()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        foreach (string version in (string[])["1.0.0", "2.0.0", "1.0.1"])
        {
            PublishedRelease published = await registry.PublishAsync(rig.Sign(Widget(version)), null, CancellationToken.None);
            Assert.True(published.Result.Outcome == PublishOutcome.Published, string.Join('\n', published.Decision!.Reasons));
            Assert.Contains(published.Decision!.Checks,
                check => check.Name == ReleaseChecks.Widget && check.Outcome == CheckOutcome.Passed);
        }

        EstreamRegistryException older = await Assert.ThrowsAsync<EstreamRegistryException>(() =>
            registry.PublishAsync(rig.Sign(Widget("1.0.0+again")), null, CancellationToken.None));
        Assert.Contains(WidgetRejection.VersionNotIncremented, older.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dist/index.js", "export", "eval('1');\nexport", WidgetRejection.CspViolation)]
    [InlineData("widget.manifest.yaml", "  title: \"Doors\"\n", "", WidgetRejection.IncompleteManifest)]
    [InlineData("widget.manifest.yaml", "max_size: { cols: 8", "max_size: { cols: 9", WidgetRejection.IncompleteManifest)]
    [InlineData("widget.manifest.yaml", "assets/icon.svg", "assets/none.svg", WidgetRejection.IncompleteManifest)]
    [InlineData("estream-component.toml", "data:read.doors", "data:read.windows", WidgetRejection.IncompleteManifest)]
    [InlineData("dist/index.js", "'react'", "'d3'", "imports 'd3'")]
    [InlineData("widget.manifest.yaml", "    react: \"^19.0.0\"\n", "", WidgetRejection.MissingPeerDependency)]
    [InlineData("widget.manifest.yaml", "max_bundle_size_kb: 500", "max_bundle_size_kb: 1", WidgetRejection.BundleTooLarge)]
    public async Task Widget_rejected_by_its_circuit_is_rejected(string path, string text, string other, string reason)
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        Package widget = Changed(Widget("1.0.0"), path, text, other);
        widget = reason == WidgetRejection.BundleTooLarge
            ? Changed(widget, "dist/index.js", "export", new string('\n', 2_000) + "export")
            : widget;
        EstreamRegistryException refused = await Assert.ThrowsAsync<EstreamRegistryException>(() =>
            registry.PublishAsync(rig.Sign(widget), null, CancellationToken.None));
        Assert.Equal(RegistryFault.Forbidden, refused.Fault);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Empty(registry.Pending());
        Assert.Equal(1, registry.Namespaces.Size);
    }

    [Fact]
    public async Task Request_must_match_the_widget_in_the_package()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        SignedRelease good = rig.Sign(Widget("1.0.0")),
        bad = rig.Sign(Changed(Widget("1.0.0"), "dist/index.js", "export", "eval('1');\nexport")), next = rig.Sign(Widget("1.0.1"));
        Assert.True(good.Package.TryGet(RequestPath, out PackageFile? request));
        foreach (SignedRelease release in (SignedRelease[])[With(bad, request.Content), With(next, request.Content),
            With(good, "no request"u8.ToArray()), With(good, null)])
        {
            EstreamRegistryException refused =
                await Assert.ThrowsAsync<EstreamRegistryException>(() => registry.PublishAsync(release, null, CancellationToken.None));
            Assert.Contains(RequestPath, refused.Message, StringComparison.Ordinal);
        }

        // The widget request is signed by a stranger who owns nothing; the release is signed by its owner.
        SignedRelease stranger = SignedRelease.Sign(Widget("1.0.0"), null, null, rig.Stranger);
        Assert.True(stranger.Package.TryGet(RequestPath, out PackageFile? theirs));
        Assert.Contains(
            WidgetRejection.InvalidPublisherIdentity,
            (await Assert.ThrowsAsync<EstreamRegistryException>(() =>
                registry.PublishAsync(With(good, theirs.Content), null, CancellationToken.None))).Message, StringComparison.Ordinal);
        Assert.Equal(PublishOutcome.Published, (await registry.PublishAsync(good, null, CancellationToken.None)).Result.Outcome);
    }

    [Theory]
    [InlineData("name")]
    [InlineData("version")]
    [InlineData("roles")]
    [InlineData("manifest")]
    [InlineData("bundle")]
    public async Task Request_signed_for_another_widget_is_rejected(string what)
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        SignedRelease good = rig.Sign(Widget("1.0.0"));
        Assert.True(good.Package.TryGet(RequestPath, out PackageFile? request));
        Assert.True(WidgetRelease.TryRead(request.Content.Span, out WidgetRelease? said));
        WidgetRelease other = what switch
        {
            "name" => said with { WidgetId = "@acme/other" },
            "version" => said with { Version = "1.0.9" },
            "roles" => said with { RequiredRoles = [] },
            "manifest" => said with { ManifestHash = WidgetRelease.HashOf("another"u8) },
            _ => said with { BundleHash = WidgetRelease.HashOf("another"u8) },
        };
        EstreamRegistryException refused = await Assert.ThrowsAsync<EstreamRegistryException>(
            () => registry.PublishAsync(With(good, other.ToRequest(rig.Owner.SignWith(other.Sign))), null, CancellationToken.None));
        Assert.Contains($"{RequestPath} is for another widget", refused.Message, StringComparison.Ordinal);
        Assert.Empty(registry.Pending());
    }

    [Fact]
    public async Task Widget_also_needs_the_general_checks()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        using DocumentSigner reviewer = DocumentSigner.Generate();
        await rig.AskAsync(registry, "console-widget", 1, reviewer);
        SignedRelease release = rig.Sign(Widget("1.0.0"));
        await PipelineTests.AssertWaitsAsync(registry, await registry.PublishAsync(release, null, CancellationToken.None));
        Assert.Equal(
            PublishOutcome.Published,
            (await registry.ApproveAsync(ReleaseApproval.Of(release.Statement).Sign(reviewer), null,
                CancellationToken.None)).Result.Outcome);
    }

    private static SignedRelease With(SignedRelease release, ReadOnlyMemory<byte>? request)
    {
        Package package = Package.Of(
            [.. release.Package.Files.Where(file => file.Path != RequestPath), .. request is { } bytes
                ? [new PackageFile(RequestPath, false, bytes)] : Array.Empty<PackageFile>()]);
        using MemoryStream stream = new();
        package.Write(stream);
        stream.Position = 0;
        Assert.True(SignedRelease.TryRead(stream, release.Entry, out SignedRelease? changed, out string? reason), reason);
        return changed;
    }

    private static Package Changed(Package package, string path, string text, string other) => Package.Of(package.Files.Select(file =>
    {
        if (file.Path != path)
        {
            return file;
        }

        string whole = Encoding.UTF8.GetString(file.Content.Span);
        Assert.Contains(text, whole, StringComparison.Ordinal);
        return file with { Content = Encoding.UTF8.GetBytes(whole.Replace(text, other, StringComparison.Ordinal)) };
    }));

    private static Package Widget(string version) =>
        Package.Of(ComponentFolder.Read(s_template).Package!.Files.Select(file => !file.Path.EndsWith(".toml", StringComparison.Ordinal)
            && !file.Path.EndsWith(".yaml", StringComparison.Ordinal) ? file : file with
            {
                Content = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(file.Content.Span)
                    .Replace("0.1.0\"\ncategory", version + "\"\ncategory", StringComparison.Ordinal)
                    .Replace("version: \"0.1.0\"", $"version: \"{version}\"", StringComparison.Ordinal)),
            }));
}
