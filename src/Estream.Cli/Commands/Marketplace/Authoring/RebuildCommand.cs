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
            Description = "The folder with the sources that it is said to be built from, as its repository has them.",
            HelpName = "FOLDER",
        };
        Option<string?> attestation = new("--attestation")
        {
            Description = "Writes, where it is the same, a signed statement of that (in-toto, in a DSSE envelope). With --key.",
            HelpName = "FILE",
        };
        Option<string[]> keys = new("--key")
        {
            Description =
                "The key of whoever has rebuilt it. A file made by 'estream key new', which nobody but its owner may use (mode 600). May "
                + "be repeated.",
            HelpName = "KEY",
            DefaultValueFactory = _ => [],
        };
        Option<string?> source = new("--source")
        {
            Description = "Where the sources are from, with the commit behind a '#': stands in the statement.",
            HelpName = "URI#COMMIT",
        };
        Option<string?> attested = new("--attested")
        {
            Description = "A statement that somebody else has signed: verified in place of rebuilding. With --by.",
            HelpName = "FILE",
        };
        Option<string[]> by = new("--by")
        {
            Description = "The public key of who has to have signed it. May be repeated: one of them is enough.",
            HelpName = "KEY.pub",
            DefaultValueFactory = _ => [],
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "rebuild",
            "Packs a folder again and compares it with a package: by the files, so that compression, signature and attestations make no "
            + "difference. "
            + "What has to be built before is built by you: 'image' and 'command' under [component.build] say how, and nothing of them is "
            + "run here.")
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
                "name the sources with --from FOLDER, or with --attested FILE what somebody else has said of them");
            Require((output is null) == (signing.Length == 0),
                "--attestation FILE and --key KEY go together: a statement is worth what its signer is");
            Require((other is null) == (counting.Length == 0), "--attested FILE and --by KEY.pub go together: say whose word counts");
            Require(output is null || from is not null, "--attestation is of a rebuild: name the sources with --from FOLDER");
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
            throw new CliException($"there is no folder '{from}'. Check the path");
        }

        PackageReadResult published = Read(path);
        ComponentFolder folder = ComponentFolder.Read(from);
        ComponentManifest manifest = folder.Manifest
            ?? throw new CliException($"'{from}' is no component: {(folder.Errors.Count > 0 ? folder.Errors[0] : "")}", ExitCode.No);
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

        string attested = output is null ? "" : result.IsSame ? $", signed in {output}" : $", and {output} is not written";
        said.Say((result.IsSame
            ? $"the same: root256 {result.Published.Root256}"
            : $"not the same: {path} has root256 {result.Published.Root256}, {from} has {result.Rebuilt?.Root256 ?? "none"}") + attested,
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
            ?? throw new CliException($"'{attested}' has more than the {RebuildAttestation.MaxBytes} bytes that a statement may have",
                ExitCode.No);
        DocumentKey[] keys = [.. counting.Select(key => new DocumentKey(MlDsa87PublicKey.Load(key)))];
        if (!RebuildAttestation.TryVerify(envelope, package, keys, out IReadOnlyList<DocumentKey>? rebuilders, out string? reason))
        {
            throw new CliException(
                $"'{attested}' does not show that '{path}' was rebuilt: {reason}. Rebuild it yourself with --from FOLDER", ExitCode.No);
        }

        string[] ids = [.. rebuilders.Select(key => key.Id)];
        said.Say($"{path} was rebuilt, and was the same: root256 "
            + $"{package.Identity!.Root256}{string.Concat(ids.Select(id => "\n  says " + id))}", json =>
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

        return read.IsPackage ? read : throw new CliException($"'{path}' is no package: {read}", ExitCode.No);
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
