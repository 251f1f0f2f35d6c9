using Estream.Core;
using Estream.Esf;
using Estream.Marketplace.Attestations;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Product;

/// <summary>A row of `marketplace-verify`: the processor time from start to end of `estream marketplace verify --offline`, for a package
/// that was published in the usual way.</summary>
internal sealed class VerifyContender : IContender
{
    private const int Files = 80, FileBytes = 64 << 10;

    private const string Manifest = """
        [component]
        name = "@bench/doors"
        version = "1.0.0"
        category = "skill"
        description = "Answers questions about doors"
        license = "Apache-2.0"

        [component.skill]
        entry = "SKILL.md"
        triggers = ["door report"]

        [component.include]
        assets = ["assets/*"]
        """;

    private readonly string _package, _root;
    private readonly long _starts;

    public VerifyContender(ContenderContext context)
    {
        _starts = context.Size.Of(10, 1);
        (_package, _root) = (Path.Combine(context.Directory, "doors.escx"), Path.Combine(context.Directory, "root.json"));
        string component = Path.Combine(context.Directory, "doors");
        WriteComponent(component, (int)context.Size.Of(Files, 2), (int)context.Size.Of(FileBytes, 100));
        PublishAsync(component, Path.Combine(context.Directory, "registry")).GetAwaiter().GetResult();
    }

    public RunResult Run()
    {
        long nanos = 0;
        for (long start = 0; start < _starts; start++)
        {
            nanos += ColdVerifier.Nanos(_package, _root);
        }

        return new RunResult(_starts, Math.Max(1, nanos)) { Check = (ulong)_starts };
    }

    public void Dispose()
    {
    }

    private static void WriteComponent(string folder, int files, int fileBytes)
    {
        Directory.CreateDirectory(Path.Combine(folder, "assets"));
        File.WriteAllText(Path.Combine(folder, "estream-component.toml"), Manifest + "\n");
        File.WriteAllText(Path.Combine(folder, "SKILL.md"), "# Doors\n\nSays which doors are open.\n");

        // Random bytes, which do not compress, like images and programs.
        Random random = new(1);
        byte[] bytes = new byte[fileBytes];
        for (int file = 0; file < files; file++)
        {
            random.NextBytes(bytes);
            File.WriteAllBytes(Path.Combine(folder, "assets", $"file-{file:000}.bin"), bytes);
        }
    }

    private async Task PublishAsync(string folder, string directory)
    {
        ReadOnlyMemory<byte> root = await RegistryInitializer.CreateAsync(directory, "bench.example/main", SystemClock.Instance,
            CancellationToken.None).ConfigureAwait(false);
        File.WriteAllBytes(_root, root.ToArray());
        using DocumentSigner owner = DocumentSigner.Generate();
        using RegistryOperator registry = await RegistryOperator.OpenAsync(directory, SystemClock.Instance, CancellationToken.None)
            .ConfigureAwait(false);
        ComponentFolder component = ComponentFolder.Read(folder);
        PackedComponent packed = ComponentPacker.Pack(component, new BuildRecord("1.0.0", []), EsfSchemaSet.BuiltIn);
        DateTimeOffset expires = DateTimeOffset.FromUnixTimeSeconds(SystemClock.Instance.UtcNanos / 1_000_000_000).AddYears(1);
        await registry.SubmitAsync(new NamespaceRecord(NamespaceName.Of(component.Manifest!.Name), 1, [owner.Key], 1, expires).Sign(owner)
            .ToJson(), CancellationToken.None).ConfigureAwait(false);
        PublishedRelease published = await registry.PublishAsync(SignedRelease.Sign(packed.Package, null, null, owner), null,
            CancellationToken.None).ConfigureAwait(false);
        if (published.LogIndex < 0)
        {
            throw new ScenarioException(
                $"the component of the benchmark is not published: {string.Join("; ", published.Decision?.Reasons ?? [])}");
        }

        string served = RegistryOperator.PublicFolder(directory);
        File.Copy(Path.Combine(served, "packages", "@bench", "doors", "1.0.0.escx"), _package);
        File.Copy(Path.Combine(served, "bundles", "@bench", "doors", "1.0.0.escb"), Path.ChangeExtension(_package, ".escb"));
    }
}
