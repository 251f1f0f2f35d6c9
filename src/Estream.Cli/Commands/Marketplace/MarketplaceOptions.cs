using System.CommandLine;
using Estream.Cli.Data;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Marketplace;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Arguments and options shared by commands of `estream marketplace`.</summary>
internal static class MarketplaceOptions
{
    public static Argument<string> Folder() => new("FOLDER")
    {
        Description = "The folder of a component, which contains estream-component.toml. Default: the current folder.",
        DefaultValueFactory = _ => ".",
    };

    /// <summary>Rejects arguments that begin with "--", which are misspelled options.</summary>
    public static Argument<T> WithoutOptions<T>(Argument<T> words)
    {
        words.Validators.Add(result =>
        {
            foreach (System.CommandLine.Parsing.Token token in result.Tokens.Where(token =>
                token.Value.StartsWith("--", StringComparison.Ordinal)))
            {
                result.AddError($"Unrecognized command or argument '{token.Value}'.");
            }
        });
        return words;
    }

    public static Option<string[]> Schemas() => new("--schema")
    {
        Description = "A schema file (.esf.yaml) of another component that this component uses. May be repeated.",
        HelpName = "FILE",
        DefaultValueFactory = _ => [],
    };

    public static Option<string[]> Keys(string help) => new("--key")
    {
        Description = $"{help} A private key file created by 'estream key new' (mode 600). May be repeated.",
        HelpName = "KEY",
        Required = true,
    };

    public static Option<string> Registry() =>
        SharedOptions.Required("--registry", "FOLDER", "The folder of the registry, created by 'estream marketplace registry create'.");

    /// <summary>Loads keys. The caller disposes them.</summary>
    public static List<DocumentSigner> Load(IEnumerable<string> paths)
    {
        List<DocumentSigner> signers = [];
        try
        {
            foreach (string path in paths)
            {
                signers.Add(DocumentSigner.Load(path));
            }

            return signers;
        }
        catch
        {
            signers.ForEach(signer => signer.Dispose());
            throw;
        }
    }

    /// <summary>Parses a component and its version, written as <c>@acme/doors@1.2.0</c>.</summary>
    public static (ComponentName Name, SemanticVersion Version) Release(string text)
    {
        int at = text.LastIndexOf('@');
        ParseFault? fault = null;
        return at > 0 && ComponentName.TryParse(text[..at], out ComponentName? name, out fault)
            && SemanticVersion.TryParse(text[(at + 1)..], out SemanticVersion? version, out fault)
            ? (name, version)
            : throw new CliException(
                $"'{text}' is not a valid release. Write NAME@VERSION, such as @acme/doors@1.2.0.{(fault is null ? "" : $" ({fault})")}");
    }

    /// <summary>Opens a registry with the schemas and circuit code that this program checks releases with.</summary>
    public static Task<RegistryOperator> OpenAsync(CliContext context, string folder, params string[] schemas) =>
        RegistryOperator.OpenAsync(
        folder,
        context.Clock,
        context.Cancellation,
        PublishSettings.Read(folder) with
        {
            Known = schemas.Length == 0 ? EsfSchemaSet.BuiltIn : SchemaCatalog.Load(new DataFolder(context.DataFolder), schemas).Known,
            Bind = (circuit, place) => BoundCircuits.Bind(circuit, Path.Combine(place, circuit.Name)),
        });
}
