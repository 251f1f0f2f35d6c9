using System.CommandLine;
using Estream.Esf;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace test`.</summary>
internal static class TestCommand
{
    private const string SchemaEnding = ".esf.yaml";
    private const string ExamplesFolder = "examples/";
    private const int LongestMessage = 1 << 20;

    public static Command Create(CliContext context)
    {
        Argument<string> folder = MarketplaceOptions.Folder();
        Option<string[]> schemas = MarketplaceOptions.Schemas();
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "test",
            "Tests a component: runs the golden vectors of its circuits in temporary queues and maps, and encodes and decodes the examples "
            + "of its schemas (examples/NAME.json; an esf-schema needs one per schema).")
        {
            folder, schemas, json,
        };
        command.SetAction(parsed =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            string[] others = parsed.GetRequiredValue(schemas);
            ComponentCheck check = ComponentCheck.Run(context, parsed.GetRequiredValue(folder), others);
            return check.IsGood ? Run(said, check, others) : check.Report(said);
        });
        return command;
    }

    /// <summary>Runs the golden vectors and the examples, and returns the exit code.</summary>
    public static int Run(MarketplaceOutput said, ComponentCheck check, string[] others)
    {
        PackedComponent packed = PackCommand.Pack(check, null);
        int code = VectorReport.Say(said, packed);
        (int examples, int failed) = RunExamples(said, check, others);
        if (packed.Vectors.Files.Count > 0 || examples > 0)
        {
            return failed > 0 ? ExitCode.No : code;
        }

        bool needsSome = check.Folder.Manifest!.Category is ComponentCategory.EsfSchema or ComponentCategory.SmartCircuit
            or ComponentCategory.FpgaCircuit;
        said.Say($"{check.Folder.Manifest} has no golden vectors and no examples: nothing was run", json => json.WriteNumber("run", 0));
        return needsSome ? ExitCode.No : ExitCode.Ok;
    }

    private static (int Count, int Failed) RunExamples(MarketplaceOutput said, ComponentCheck check, string[] others)
    {
        Package package = check.Folder.Package!;
        string[] files = [.. package.Files.Where(file => file.Path.EndsWith(SchemaEnding, StringComparison.Ordinal))
            .Select(file => Path.Combine(check.Folder.Path, file.Path))];
        HashSet<string> own = [.. check.Folder.Manifest!.ProvidedSchemas];
        if (files.Length == 0 || own.Count == 0)
        {
            return (0, 0);
        }

        // A schema pack needs an example per schema. Other components may omit examples: the golden vectors of a circuit already test its
        // schemas.
        bool needsEach = check.Folder.Manifest.Category == ComponentCategory.EsfSchema;
        int count = 0, failed = 0;
        foreach (EsfSchema schema in EsfSchemaSet.Load([.. files, .. others]).Schemas.Where(schema => own.Contains(schema.Name)))
        {
            string path = $"{ExamplesFolder}{schema.Name}.json";
            bool isThere = package.TryGet(path, out PackageFile? example);
            if (!isThere && !needsEach)
            {
                continue;
            }

            string? wrong = isThere
                ? Wrong(schema, example!.Content.Span)
                : "the file does not exist; an esf-schema needs an example message per schema";
            VectorReport.Say(said, path, wrong is null ? [] : [wrong]);
            count++;
            failed += wrong is null ? 0 : 1;
        }

        return (count, failed);
    }

    // Encodes the JSON, decodes the message, and encodes the result. If the schema cannot represent a value, the two messages differ.
    private static string? Wrong(EsfSchema schema, ReadOnlySpan<byte> json)
    {
        byte[] message = new byte[LongestMessage];
        EsfStatus status = EsfJson.TryEncode(schema, json, message, out int length);
        if (!status.IsOk)
        {
            return status.Describe(json);
        }

        status = EsfValidator.Check(schema, message.AsSpan(0, length));
        if (!status.IsOk)
        {
            return status.ToString();
        }

        System.Buffers.ArrayBufferWriter<byte> back = new();
        status = EsfJson.WriteJson(schema, message.AsSpan(0, length), back, EsfDisclosure.Disclosed);
        if (!status.IsOk)
        {
            return status.ToString();
        }

        byte[] again = new byte[LongestMessage];
        status = EsfJson.TryEncode(schema, back.WrittenSpan, again, out int second);
        return !status.IsOk ? status.Describe(back.WrittenSpan)
            : message.AsSpan(0, length).SequenceEqual(again.AsSpan(0, second)) ? null : "the message changed after decoding and encoding "
                + "it again";
    }
}
