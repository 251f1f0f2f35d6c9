using System.CommandLine;
using System.Globalization;
using Estream.Cli.Codec;
using Estream.Cli.Data;
using Estream.Esf;
using Estream.Streams;

namespace Estream.Cli.Commands;

/// <summary>`estream esf encode` and `estream esf decode`: convert JSON to ESF messages and back, from standard input to standard
/// output.</summary>
internal static class EsfCommand
{
    public static Command Create(CliContext context)
    {
        return new Command("esf", "Turns JSON into ESF messages and back, by a schema file.") { CreateEncode(context),
            CreateDecode(context) };
    }

    private static Command CreateEncode(CliContext context)
    {
        Option<string[]> files = SchemaFiles();
        Option<string> type = new("--type")
        {
            Description = "The schema's name, with or without its namespace.",
            HelpName = "NAME",
            Required = true,
        };
        Option<Framing> framing = FramingOption();
        Option<string?> keys = new("--keys")
        {
            Description = "A folder with the public keys (NAME.pub.pem) of the audiences that the schema's private fields are sealed for.",
            HelpName = "FOLDER",
        };
        Command command = new("encode",
            "Reads JSON objects and writes messages. Exit code 1 where an object does not fit the schema; those before it are written, of "
            + "it nothing.")
        {
            files, type, framing, keys,
        };
        VaultOptions vault = new("numbers of cards in tokenized fields become tokens.");
        vault.AddTo(command);
        command.SetAction((parsed, _) =>
        {
            if (context.IsTerminal)
            {
                throw new CliException(
                    "messages are binary and standard output is a terminal: send them to a file or a program, as in > message.esf");
            }

            EsfSchema schema = SchemaCommand.Find(Load(context, parsed.GetRequiredValue(files)), parsed.GetRequiredValue(type));
            return EncodeAsync(context, schema, parsed.GetValue(framing), parsed.GetValue(keys), () => vault.Open(parsed));
        });
        return command;
    }

    private static async Task<int> EncodeAsync(CliContext context, EsfSchema schema, Framing framing, string? keys,
        Func<CardVault?> openVault)
    {
        if (schema.HasPrivateFields && keys is null)
        {
            throw new CliException(
                $"{schema.QualifiedName} has private fields, which are never written in clear: give a folder with the public keys of "
                + $"their audiences ({string.Join(", ", schema.Audiences.Audiences.Select(audience => audience + ".pub.pem"))}) with "
                + "--keys");
        }

        using CardVault? vault = openVault();
        if (schema.HasTokenizedFields && vault is null)
        {
            throw new CliException(
                $"{schema.QualifiedName} has tokenized fields, and numbers of cards are never written: give the vault of their tokens "
                + "with --vault and --vault-key");
        }

        EsfAudienceKeys audiences = keys is null ? EsfAudienceKeys.None : EsfAudienceKeys.Load(keys);
        using EsfSealer? sealer = schema.IsProtected ? new EsfSealer(schema, audiences, null, vault) : null;
        EncodeRun run = new(context, schema, framing, sealer);
        return await Guard(run.RunAsync, () => run.Written).ConfigureAwait(false);
    }

    private static Command CreateDecode(CliContext context)
    {
        Option<string[]> files = SchemaFiles();
        Option<string?> type = new("--type")
        {
            Description = "The schema's name. Where it is left out, the header of each message says it.",
            HelpName = "NAME",
        };
        Option<Framing> framing = FramingOption();
        Option<string?> keys = new("--keys")
        {
            Description =
                "A folder with private keys (NAME.key.pem): private values that are meant for them are written out; all others as "
                + "{\"$withheld\":true}.",
            HelpName = "FOLDER",
        };
        Command command = new(
            "decode",
            "Reads messages, of this version of the schema or any compatible one, and writes a JSON object per line. Exit code 1 where a "
            + "message is not whole; those before it are written, of it nothing.")
        {
            files, type, framing, keys,
        };
        VaultOptions vault = new("tokens become the numbers of cards.");
        vault.AddTo(command);
        command.SetAction((parsed, _) =>
        {
            EsfSchemaSet known = Load(context, parsed.GetRequiredValue(files));
            EsfSchema? only = parsed.GetValue(type) is string name ? SchemaCommand.Find(known, name) : null;
            return DecodeAsync(context, known, only, parsed.GetValue(framing), parsed.GetValue(keys), () => vault.Open(parsed));
        });
        return command;
    }

    private static async Task<int> DecodeAsync(CliContext context, EsfSchemaSet known, EsfSchema? only, Framing framing, string? keys,
        Func<CardVault?> openVault)
    {
        using CardVault? vault = openVault();
        using EsfKeyRing? ring = keys is not null ? EsfKeyRing.Load(keys) : vault is not null ? new EsfKeyRing() : null;
        using DecodeRun run = new(context, known, only, framing, ring, vault);
        return await Guard(run.RunAsync, () => run.Written).ConfigureAwait(false);
    }

    /// <summary>Loads the schemas. If files are named, only they are used, so a file may contain its own version of a built-in
    /// schema.</summary>
    private static EsfSchemaSet Load(CliContext context, string[] files)
    {
        return files.Length > 0 ? EsfSchemaSet.Load(files) : SchemaCatalog.Load(new DataFolder(context.DataFolder), []).Known;
    }

    /// <summary>Runs a conversion. Reports cancellation as a failure, because only a part of the input was converted.</summary>
    private static async Task<int> Guard(Func<Task> run, Func<long> written)
    {
        try
        {
            await run().ConfigureAwait(false);
            return ExitCode.Ok;
        }
        catch (OperationCanceledException)
        {
            throw new CliException(string.Create(CultureInfo.InvariantCulture, $"ended before the input did; {written()} written"));
        }
    }

    private static Option<string[]> SchemaFiles()
    {
        return new Option<string[]>("--schema")
        {
            Description = "A .esf.yaml file, in place of the built-in schemas and those of the host. May be repeated.",
            HelpName = "FILE",
            DefaultValueFactory = _ => [],
        };
    }

    private static Option<Framing> FramingOption()
    {
        Option<Framing> option = new("--framing")
        {
            Description =
                "none: the bytes are one message. length: any number of messages, each behind its length in four bytes, little-endian.",
            HelpName = "none|length",
            CustomParser = result => result.Tokens[0].Value switch
            {
                "none" => Framing.None,
                "length" => Framing.Length,
                _ => Refuse(result, "--framing takes none or length."),
            },
        };
        return option;

        static Framing Refuse(System.CommandLine.Parsing.ArgumentResult result, string reason)
        {
            result.AddError(reason);
            return default;
        }
    }
}
