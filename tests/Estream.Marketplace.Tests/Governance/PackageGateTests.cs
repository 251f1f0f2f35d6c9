using System.Text;
using Estream.Esf;
using Estream.Marketplace.Attestations;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Tests.Publishing;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>A circuit is published if its golden vectors pass at the registry and its build attestation covers its files. Results stated
/// in the package are not trusted.</summary>
public sealed class PackageGateTests
{
    private const string VectorsPath = "map.put.v1.vectors.json";
    private static readonly string s_source = RepositoryRoot.Combine("circuits", "map.put.v1");

    [Fact]
    public async Task Circuit_with_passing_golden_vectors_is_published()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        PublishedRelease published = await registry.PublishAsync(rig.Sign(Built(Circuit())), null, CancellationToken.None);
        Assert.True(published.Result.Outcome == PublishOutcome.Published, string.Join('\n', published.Decision!.Reasons));
    }

    [Theory]
    [InlineData("\"version\": 4", "\"version\": 5", "a value is stored, and then another one in its place")]
    [InlineData(null, "{\"vectors\": []}", "has no vectors")]
    public async Task Failing_or_empty_golden_vectors_are_rejected(string? what, string instead, string told)
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        Package changed =
            Built(Changed(Circuit(), VectorsPath, text => what is null ? instead : text.Replace(what, instead, StringComparison.Ordinal)));
        await RefusedAsync(registry, rig.Sign(changed), VectorsPath, told);
    }

    [Fact]
    public async Task Golden_vectors_that_cannot_be_run_do_not_pass()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        PublishedRelease broken =
            await registry.PublishAsync(rig.Sign(Built(Changed(Circuit(), VectorsPath, _ => "{"))), null, CancellationToken.None);
        await PipelineTests.AssertWaitsAsync(registry, broken);
        Assert.Equal(CheckOutcome.Error, Assert.Single(broken.Decision!.Checks, check => check.Name == ReleaseChecks.Vectors).Outcome);

        // Renames the vector file, also in the manifest. The vectors then belong to no circuit and are not run.
        Package alone =
            Changed(Circuit(), PackagePath.Manifest, text => text.Replace(VectorsPath, "other.vectors.json", StringComparison.Ordinal));
        alone = Package.Of(alone.Files.Select(file => file.Path == VectorsPath ? file with { Path = "other.vectors.json" } : file));
        PublishedRelease left = await registry.PublishAsync(rig.Sign(Built(alone)), null, CancellationToken.None);
        await PipelineTests.AssertWaitsAsync(registry, left);
        Assert.Equal(CheckOutcome.NotRun, Assert.Single(left.Decision!.Checks, check => check.Name == ReleaseChecks.Vectors).Outcome);
    }

    [Fact]
    public async Task Build_attestation_must_exist_and_match_the_files()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        Package circuit = Circuit(), built = Built(circuit), other = Built(Changed(circuit, "README.md", text => text + "\nMore.\n"));
        Assert.True(built.TryGet(AttestationWriter.VectorsPath, out PackageFile? vectors));
        Assert.True(other.TryGet(AttestationWriter.BuildPath, out PackageFile? elsewhere));
        await RefusedAsync(registry, rig.Sign(circuit), AttestationWriter.BuildPath, "the package has no");
        await RefusedAsync(registry, rig.Sign(circuit.With(AttestationWriter.BuildPath, elsewhere.Content)), AttestationWriter.BuildPath,
            "does not attest these files");
        await RefusedAsync(registry, rig.Sign(circuit.With(AttestationWriter.BuildPath, "{}"u8.ToArray())), AttestationWriter.BuildPath,
            "does not attest these files");
        await RefusedAsync(registry, rig.Sign(circuit.With(AttestationWriter.BuildPath, vectors.Content)), AttestationWriter.BuildPath,
            "is not a build attestation");
    }

    private static async Task RefusedAsync(RegistryOperator registry, SignedRelease release, params string[] told)
    {
        EstreamRegistryException refused =
            await Assert.ThrowsAsync<EstreamRegistryException>(() => registry.PublishAsync(release, null, CancellationToken.None));
        Assert.Equal(RegistryFault.Forbidden, refused.Fault);
        Assert.All(told, part => Assert.Contains(part, refused.Message, StringComparison.Ordinal));
        Assert.Empty(registry.Pending());
        Assert.Equal(1, registry.Namespaces.Size);
    }

    // Returns the package of a circuit of this repository, renamed into the namespace of the rig.
    private static Package Circuit() => Changed(
        Package.Of(Directory.EnumerateFiles(s_source)
            .Select(file => new PackageFile(Path.GetFileName(file), false, File.ReadAllBytes(file)))),
        PackagePath.Manifest,
        text => text.Replace("\"map-put\"", "\"@acme/card\"", StringComparison.Ordinal));

    private static Package Changed(Package package, string path, Func<string, string> change) => Package.Of(package.Files.Select(file =>
    {
        if (file.Path != path)
        {
            return file;
        }

        string text = Encoding.UTF8.GetString(file.Content.Span), changed = change(text);
        Assert.NotEqual(text, changed);
        return file with { Content = Encoding.UTF8.GetBytes(changed) };
    }));

    // Adds the attestations that the tool adds. The vector attestation has the results of the unchanged circuit, even if the vectors of
    // this package fail.
    private static Package Built(Package package)
    {
        ManifestReadResult read = ManifestReader.Read(package.Manifest.Span);
        string name = read.Manifest!.ToString();
        Package built =
            package.With(AttestationWriter.BuildPath, AttestationWriter.WriteBuild(package.Identity, name, new BuildRecord("0.1.0", [])));
        return built.With(AttestationWriter.VectorsPath,
            AttestationWriter.WriteVectors(package.Identity, name, PackageVectors.Run(Circuit(), EsfSchemaSet.BuiltIn)));
    }
}
