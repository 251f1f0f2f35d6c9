using System.CommandLine;
using System.Globalization;
using System.Reflection;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Core;
using Estream.Marketplace.Attestations;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace pack`.</summary>
internal static class PackCommand
{
    /// <summary>The version of this program, as recorded in attestations.</summary>
    public static string ToolVersion { get; } =
        typeof(PackCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static Command Create(CliContext context)
    {
        Argument<string> folder = MarketplaceOptions.Folder();
        Option<string?> output = new("--out")
        {
            Description =
                "The file to write; an existing file is replaced. Default: NAME-VERSION.escx in the current folder.",
            HelpName = "FILE",
        };
        Option<string?> source = new("--source")
        {
            Description =
                "The source of the build and its commit, such as git+https://example.org/doors#COMMIT. Recorded in the build attestation.",
            HelpName = "URI#COMMIT",
        };
        Option<string[]> schemas = MarketplaceOptions.Schemas();
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "pack",
            "Creates the package of a component. The same files produce the same bytes on any machine. Lints the component and runs its "
            + "golden vectors first, and adds attestations of the build and the test results. The package is not signed; 'publish' signs "
            + "it.")
        {
            folder, output, source, schemas, json,
        };
        command.SetAction(parsed =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            using ProgressLine? progress = ProgressLine.Start(context, "packing");
            ComponentCheck check = ComponentCheck.Run(context, parsed.GetRequiredValue(folder), parsed.GetRequiredValue(schemas));
            if (!check.IsGood)
            {
                return check.Report(said);
            }

            PackedComponent packed = Pack(check, parsed.GetValue(source));
            if (!packed.IsReady)
            {
                return VectorReport.Say(said, packed);
            }

            string path = parsed.GetValue(output) ?? FileName(check.Folder.Manifest!);
            using MemoryStream bytes = new();
            packed.Package.Write(bytes);
            NamedFile.Replace(path, bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
            Say(said, path, check.Folder.Manifest!, packed);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Packs a component that passed its check.</summary>
    public static PackedComponent Pack(ComponentCheck check, string? source) =>
        Pack(check, check.Folder.Manifest!, check.Folder.Package!, source);

    /// <summary>Packs a component that passed its check, with a manifest of another version.</summary>
    public static PackedComponent Pack(ComponentCheck check, ComponentManifest manifest, Package package, string? source)
    {
        try
        {
            return ComponentPacker.Pack(manifest, package, new BuildRecord(ToolVersion, Inputs(source)), check.Known,
                (circuit, folder) => BoundCircuits.Bind(circuit, Path.Combine(folder, circuit.Name)));
        }
        catch (InvalidOperationException bound)
        {
            throw new CliException($"The golden vectors of {manifest} cannot be run: {bound.Message}");
        }
        catch (EstreamFormatException wrong)
        {
            throw new CliException($"The golden vectors of {manifest} cannot be run: {wrong.Message}", ExitCode.No);
        }
    }

    private static string FileName(ComponentManifest manifest) =>
        $"{manifest.Name.ToString().TrimStart('@').Replace('/', '-')}-{manifest.Version}.escx";

    /// <summary>Returns the build inputs named by --source.</summary>
    public static IReadOnlyList<BuildInput> Inputs(string? source)
    {
        if (source is null)
        {
            return [];
        }

        int hash = source.LastIndexOf('#');
        string commit = source[(hash + 1)..];
        return hash > 0 && commit.Length is 40 or 64 && commit.All(char.IsAsciiHexDigitLower)
            ? [new BuildInput(source[..hash], "gitCommit", commit)]
            : throw new CliException(
                $"--source '{source}' is not valid. Write URI#COMMIT, with the commit in 40 or 64 lower-case hexadecimal digits.");
    }

    private static void Say(MarketplaceOutput said, string path, ComponentManifest manifest, PackedComponent packed)
    {
        PackageIdentity identity = packed.Package.Identity;
        int vectors = packed.Vectors.Files.Sum(file => file.Vectors.Count);
        said.Say(string.Create(CultureInfo.InvariantCulture,
            $"{path}: {manifest}, {packed.Package.Files.Count} files, {vectors} golden vectors passed\n"
            + $"root256 {identity.Root256}\nroot3   {identity.Root3}"), json =>
        {
            json.WriteString("file", path);
            json.WriteString("name", manifest.Name.ToString());
            json.WriteString("version", manifest.Version.ToString());
            json.WriteString("root256", identity.Root256);
            json.WriteString("root3", identity.Root3);
            json.WriteNumber("files", packed.Package.Files.Count);
            json.WriteNumber("vectors", vectors);
        });
    }
}
