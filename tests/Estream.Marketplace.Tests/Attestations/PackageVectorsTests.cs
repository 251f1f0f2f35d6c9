using System.Text;
using Estream.Circuits;
using Estream.Core;
using Estream.Esf;
using Estream.Marketplace.Attestations;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Tests.Packages;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Attestations;

/// <summary>Runs the golden vectors of the circuits in this repository from their packages.</summary>
public sealed class PackageVectorsTests : PackageCase
{
    // Circuits bound to code in another project are tested in that project.
    private const string OfAnotherRoom = "circuits/wire/";

    public static TheoryData<string> Circuits =>
        [.. ComponentFolders.Where(folder =>
            folder.StartsWith("circuits/", StringComparison.Ordinal) && !folder.StartsWith(OfAnotherRoom, StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Circuits))]
    public void Circuit_vectors_pass_when_run_from_the_package(string component)
    {
        Package package = Build(RepositoryRoot.Combine(component));
        VectorRun run = PackageVectors.Run(package, EsfSchemaSet.BuiltIn, Bind);
        Assert.True(run.HasPassed, string.Join('\n', run.Files.SelectMany(file => file.Vectors).SelectMany(vector => vector.Differences)));
        byte[] statement = AttestationWriter.WriteVectors(package.Identity, component, run);
        Package attested = package.With(AttestationWriter.VectorsPath, statement);
        Assert.Equal(PackageAttestationFault.None,
            AttestationReader.Read(statement, attested.Identity, attested.Entries, out PackageAttestation? attestation));
        Assert.True(attestation!.HasPassed);
        Assert.Equal(run.Files.Sum(file => file.Vectors.Count), attestation.Passed.Count);
        Assert.Equal(statement,
            AttestationWriter.WriteVectors(package.Identity, component, PackageVectors.Run(package, EsfSchemaSet.BuiltIn, Bind)));
    }

    [Fact]
    public void Wrong_vector_fails()
    {
        Package package = Build(RepositoryRoot.Combine("circuits", "map.put.v1"));
        PackageFile[] files = [.. package.Files.Select(file => file.Path.EndsWith(".vectors.json", StringComparison.Ordinal)
            ? file with
            {
                Content = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(file.Content.Span)
                    .Replace("\"version\": 4", "\"version\": 5", StringComparison.Ordinal)),
            } : file)];
        VectorRun run = PackageVectors.Run(Package.Of(files), EsfSchemaSet.BuiltIn);
        Assert.False(run.HasPassed);
        _ = Assert.Single(run.Files[0].Vectors, vector => vector.Differences.Count > 0);
    }

    [Fact]
    public void Package_without_vectors_has_no_files_and_invalid_circuit_throws_with_its_path()
    {
        Package package = Build(RepositoryRoot.Combine("schemas", "esf-iot"));
        Assert.Empty(PackageVectors.Run(package, EsfSchemaSet.BuiltIn).Files);
        Package broken = Package.Of(package.Files.Append(new PackageFile("x.circuit.yaml", false, "a: b"u8.ToArray()))
            .Append(new PackageFile("x.vectors.json", false, "{}"u8.ToArray())));
        Assert.Equal("x.circuit.yaml", Assert.Throws<EstreamFormatException>(() => PackageVectors.Run(broken, EsfSchemaSet.BuiltIn)).Path);
    }

    private static Circuit Bind(Circuit circuit, string folder) => circuit.Nodes.Any(node => node.IsBound)
        ? WidgetPublishCircuit.Bind(circuit,
            new WidgetPublishOptions { Content = new WidgetContentFolder(Path.Combine(folder, "content")).Find })
        : circuit;
}
