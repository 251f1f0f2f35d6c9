using System.CommandLine;
using System.Globalization;
using Estream.Cli.Codec;
using Estream.Cli.Data;
using Estream.Esf;
using Estream.Streams;

namespace Estream.Cli.Commands;

/// <summary>`estream esf`: converts JSON to ESF messages and back, and signs and verifies messages, from standard input to standard
/// output.</summary>
internal static class EsfCommand
{
    public static Command Create(CliContext context)
    {
        return new Command("esf", "Converts JSON to ESF messages and back, and signs and verifies messages.")
        {
            CreateEncode(context), CreateDecode(context), EsfSignatureCommands.CreateSign(context),
            EsfSignatureCommands.CreateVerify(context),
        };
    }

    private static Command CreateEncode(CliContext context)
    {
        Option<string[]> files = SchemaFiles();
        Option<string> type = new("--type")
        {
            Description = "The name of the schema, with or without its namespace.",
            HelpName = "NAME",
            Required = true,
        };
        Option<Framing> framing = FramingOption();
        Option<string?> keys = new("--keys")
        {
            Description = "A folder with the public keys (NAME.pub.pem) of the audiences of private fields. Required if the schema has "
                + "private fields.",
            HelpName = "FOLDER",
        };
        Command command = new("encode",
            "Reads JSON objects from standard input and writes ESF messages to standard output. Exit code 1 if an object does not match "
            + "the schema; all earlier messages are written. Example: estream esf encode --schema doors.esf.yaml --type DoorMoved < "
            + "door.json > door.esf")
        {
            files, type, framing, keys,
        };
        VaultOptions vault = new("card numbers in tokenized fields are replaced by tokens.");
        vault.AddTo(command);
        command.SetAction((parsed, _) =>
        {
            RefuseTerminal(context);
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
                $"{schema.QualifiedName} has private fields, which are never written as plaintext. Name a folder with the public keys of "
                + $"their audiences ({string.Join(", ", schema.Audiences.Audiences.Select(audience => audience + ".pub.pem"))}) with "
                + "--keys.");
        }

        using CardVault? vault = openVault();
        if (schema.HasTokenizedFields && vault is null)
        {
            throw new CliException(
                $"{schema.QualifiedName} has tokenized fields, and card numbers are never written. Name the card vault with --vault and "
                + "--vault-key.");
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
            Description = "The name of the schema. Default: the schema named in the header of each message.",
            HelpName = "NAME",
        };
        Option<Framing> framing = FramingOption();
        Option<string?> keys = new("--keys")
        {
            Description =
                "A folder with private keys (NAME.key.pem). Private values sealed for these keys are decrypted; all others are written as "
                + "{\"$withheld\":true}.",
            HelpName = "FOLDER",
        };
        Command command = new(
            "decode",
            "Reads ESF messages from standard input and writes one JSON object per line. Messages of compatible schema versions are "
            + "accepted. Exit code 1 if a message is incomplete; all earlier messages are written. Example: estream esf decode --schema "
            + "doors.esf.yaml < door.esf")
        {
            files, type, framing, keys,
        };
        VaultOptions vault = new("tokens are replaced by card numbers.");
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
    internal static EsfSchemaSet Load(CliContext context, string[] files)
    {
        return files.Length > 0 ? EsfSchemaSet.Load(files) : SchemaCatalog.Load(new DataFolder(context.DataFolder), []).Known;
    }

    /// <summary>Refuses to write messages to a terminal.</summary>
    internal static void RefuseTerminal(CliContext context)
    {
        if (context.IsTerminal)
        {
            throw new CliException(
                "Messages are binary and standard output is a terminal. Redirect the output to a file or a program: > message.esf");
        }
    }

    /// <summary>Runs a conversion. Reports cancellation as a failure, because only a part of the input was converted.</summary>
    internal static async Task<int> Guard(Func<Task> run, Func<long> written)
    {
        try
        {
            await run().ConfigureAwait(false);
            return ExitCode.Ok;
        }
        catch (OperationCanceledException)
        {
            throw new CliException(string.Create(CultureInfo.InvariantCulture, $"Cancelled before the end of the input; {written()} "
                + $"written."));
        }
    }

    internal static Option<string[]> SchemaFiles()
    {
        return new Option<string[]>("--schema")
        {
            Description = "A schema file (.esf.yaml), used instead of the built-in schemas and the schemas of the host. May be repeated.",
            HelpName = "FILE",
            DefaultValueFactory = _ => [],
        };
    }

    internal static Option<Framing> FramingOption()
    {
        Option<Framing> option = new("--framing")
        {
            Description =
                "none: the bytes are one message. length: any number of messages, each preceded by its length in four bytes, "
                + "little-endian.",
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
