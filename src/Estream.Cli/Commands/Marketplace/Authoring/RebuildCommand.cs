using System.CommandLine;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Crypto;
using Estream.Marketplace.Attestations;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace rebuild`: rebuilds a package, compares it and optionally signs an attestation; or verifies an attestation
/// by others.</summary>
internal static class RebuildCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string> file = new("FILE") { Description = "A package (.escx)." };
        Option<string?> folder = new("--from")
        {
            Description = "The folder with the sources of the package, as checked out from its repository.",
            HelpName = "FOLDER",
        };
        Option<string?> attestation = new("--attestation")
        {
            Description = "Write a signed attestation (in-toto in a DSSE envelope) if the packages are the same. Requires --key.",
            HelpName = "FILE",
        };
        Option<string[]> keys = new("--key")
        {
            Description =
                "The private key that signs the attestation, created by 'estream key new' (mode 600). May be repeated.",
            HelpName = "KEY",
            DefaultValueFactory = _ => [],
        };
        Option<string?> source = new("--source")
        {
            Description = "The origin of the sources and its commit. Recorded in the attestation.",
            HelpName = "URI#COMMIT",
        };
        Option<string?> attested = new("--attested")
        {
            Description = "Verify this attestation, signed by another party, instead of rebuilding. Requires --by.",
            HelpName = "FILE",
        };
        Option<string[]> by = new("--by")
        {
            Description = "A public key trusted to sign the attestation. May be repeated; one valid signature is enough.",
            HelpName = "KEY.pub",
            DefaultValueFactory = _ => [],
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "rebuild",
            "Packs a folder again and compares its files with a package, ignoring compression, signature and attestations. Build the files "
            + "first, as 'image' and 'command' under [component.build] describe; this command does not run them.")
        {
            file, folder, attestation, keys, source, attested, by, json,
        };
        command.SetAction(parsed =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            string path = parsed.GetRequiredValue(file);
            (string? from, string? output, string? other) =
                (parsed.GetValue(folder), parsed.GetValue(attestation), parsed.GetValue(attested));
            string[] signing = parsed.GetRequiredValue(keys), counting = parsed.GetRequiredValue(by);
            Require((from is null) != (other is null),
                "Give either --from FOLDER with the sources, or --attested FILE with an attestation.");
            Require((output is null) == (signing.Length == 0),
                "--attestation FILE and --key KEY require each other.");
            Require((other is null) == (counting.Length == 0), "--attested FILE and --by KEY.pub require each other.");
            Require(output is null || from is not null, "--attestation requires --from FOLDER.");
            return other is not null
                ? Verify(said, path, other, counting)
                : Run(said, path, from!, output, signing, PackCommand.Inputs(parsed.GetValue(source)));
        });
        return command;
    }

    private static int Run(MarketplaceOutput said, string path, string from, string? output, string[] keys,
        IReadOnlyList<BuildInput> inputs)
    {
        if (!Directory.Exists(from))
        {
            throw new CliException($"There is no folder '{from}'. Check the path.");
        }

        PackageReadResult published = Read(path);
        ComponentFolder folder = ComponentFolder.Read(from);
        ComponentManifest manifest = folder.Manifest
            ?? throw new CliException($"'{from}' is not a valid component: "
                + $"{(folder.Errors.Count > 0 ? folder.Errors[0] : "")}", ExitCode.No);
        PackageRebuildResult result = PackageRebuild.Run(published, from, ComponentFolder.SelectionOf(manifest));
        foreach (string line in result.Differences.Select(difference => difference.ToString())
            .Concat(result.Problems.Select(problem => problem.ToString())))
        {
            said.Say(line, json => json.WriteString("difference", line));
        }

        if (result.IsSame && output is not null)
        {
            Attest(output, keys, result.Published, $"{manifest.Name}@{manifest.Version}", inputs);
        }

        string attested = output is null ? "" : result.IsSame ? $", attested in {output}" : $"; {output} was not written";
        said.Say((result.IsSame
            ? $"identical: root256 {result.Published.Root256}"
            : $"different: {path} has root256 {result.Published.Root256}, {from} has {result.Rebuilt?.Root256 ?? "none"}") + attested,
                json =>
        {
            json.WriteBoolean("same", result.IsSame);
            json.WriteString("published", result.Published.Root256);
            json.WriteString("rebuilt", result.Rebuilt?.Root256);
            if (output is not null)
            {
                json.WriteString("attestation", result.IsSame ? output : null);
            }
        });
        return result.IsSame ? ExitCode.Ok : ExitCode.No;
    }

    private static int Verify(MarketplaceOutput said, string path, string attested, string[] counting)
    {
        PackageReadResult package = Read(path);
        byte[] envelope = NamedFile.Read(attested, RebuildAttestation.MaxBytes)
            ?? throw new CliException($"'{attested}' is longer than the maximum attestation of {RebuildAttestation.MaxBytes} bytes.",
                ExitCode.No);
        DocumentKey[] keys = [.. counting.Select(key => new DocumentKey(MlDsa87PublicKey.Load(key)))];
        if (!RebuildAttestation.TryVerify(envelope, package, keys, out IReadOnlyList<DocumentKey>? rebuilders, out string? reason))
        {
            throw new CliException(
                $"The attestation '{attested}' does not prove that '{path}' was rebuilt: {reason}. Rebuild the package yourself with "
                + "--from FOLDER.", ExitCode.No);
        }

        string[] ids = [.. rebuilders.Select(key => key.Id)];
        said.Say($"{path} was rebuilt and is identical: root256 "
            + $"{package.Identity!.Root256}{string.Concat(ids.Select(id => "\n  attested by " + id))}", json =>
        {
            json.WriteBoolean("same", true);
            json.WriteString("published", package.Identity!.Root256);
            json.WriteTexts("rebuilders", ids);
        });
        return ExitCode.Ok;
    }

    private static PackageReadResult Read(string path)
    {
        PackageReadResult read;
        using (FileStream file = NamedFile.Open(path))
        {
            read = PackageReader.Read(file);
        }

        return read.IsPackage ? read : throw new CliException($"'{path}' is not a valid package: {read}", ExitCode.No);
    }

    private static void Attest(string output, string[] keys, PackageIdentity identity, string name, IReadOnlyList<BuildInput> inputs)
    {
        List<DocumentSigner> signers = MarketplaceOptions.Load(keys);
        try
        {
            NamedFile.Replace(output, RebuildAttestation.Sign(identity, name, new BuildRecord(PackCommand.ToolVersion, inputs), signers));
        }
        finally
        {
            signers.ForEach(signer => signer.Dispose());
        }
    }

    private static void Require(bool isRight, string otherwise)
    {
        if (!isRight)
        {
            throw new CliException(otherwise);
        }
    }
}
