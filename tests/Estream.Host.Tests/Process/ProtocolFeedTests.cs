using System.Text.Json;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a host stores all messages that `estream feed` sends over FIX and writes into folders: once, in order, and
/// sealed.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ProtocolFeedTests : IDisposable
{
    private const int Count = 300;

    private static readonly string s_schemas = RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml");

    private readonly HostFiles _files = new();
    private readonly int _fixPort = FreePort.Next();

    private string Folder => Path.Combine(Path.GetDirectoryName(_files.Config)!, "in");

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Orders_and_payments_are_stored_as_sent()
    {
        Configure();
        using HostProcess host = _files.Start().WaitUntilReady();

        ProcessResult orders =
            Feed("fix", "--port", $"{_fixPort}", "--sender", "DESK", "--target", "VENUE", "--rate", "2000", "--count", $"{Count}");
        ProcessResult payments = Feed("iso20022", "--folder", Folder, "--rate", "2000", "--count", $"{Count}");

        Assert.Equal((0, ""), (orders.ExitCode, orders.Error));
        Assert.EndsWith("; 0 reports, 0 refused\n", orders.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (payments.ExitCode, payments.Error));
        Assert.EndsWith($"; {Count} taken, 0 refused\n", payments.Output, StringComparison.Ordinal);
        Eventually.True(() => _files.Count("orders") == Count && _files.Count("payments") == Count, "everything is stored");
        Assert.Equal(0, host.Stop().ExitCode);
        Assert.Equal(0, _files.Count("dead-letters"));
        AssertNumbered("orders", EsfSchemaSet.BuiltIn, "EStreamOrder", "client_order_id");
        AssertNumbered("payments", EsfSchemaSet.Load(s_schemas), "Pacs008CreditTransfer", "message_id");
    }

    private static ProcessResult Feed(params ReadOnlySpan<string> arguments) =>
        ChildProcess.Run("dotnet", [BuiltProgram.Cli, "feed", .. arguments]);

    private void AssertNumbered(string queue, EsfSchemaSet schemas, string type, string field)
    {
        IEnumerable<string> names = new HostSecrets(_files).Open(queue, schemas, type).Select(message =>
        {
            using JsonDocument document = JsonDocument.Parse(message);
            return document.RootElement.GetProperty(field).GetString()!;
        });
        Assert.Equal(Enumerable.Range(0, Count).Select(number => $"{number}"), names.Select(name => name.Split('-')[1]));
    }

    private void Configure()
    {
        HostSecrets secrets = new(_files);
        secrets.Make("default", "payment_agent", "auditor", "regulator");
        Directory.CreateDirectory(Folder);
        File.WriteAllText(_files.Config, $$$$$"""
            {"Estream":{
              "Schemas":[{{{{{JsonSerializer.Serialize(s_schemas)}}}}}],
              "Privacy":{"Keys":{{{{{JsonSerializer.Serialize(secrets.Keys)}}}}}},
              "Queues":{"orders":{"SegmentBytes":262144},"payments":{"SegmentBytes":1048576},"dead-letters":{"SegmentBytes":131072}},
              "Adapters":{
                "venue":{"Type":"fix-acceptor","Port":{{{{{_fixPort}}}}},
                  "Sessions":[{"SenderCompId":"VENUE","TargetCompId":"DESK"}],
                  "Mappings":[{"MsgType":"D","Schema":"EStreamOrder","Queue":"orders"}]},
                "bank":{"Type":"iso20022-folder","Folder":{{{{{JsonSerializer.Serialize(Folder)}}}}},"PollMs":10,
                  "Mappings":[{"Topic":"pacs.008","Schema":"Pacs008CreditTransfer","Queue":"payments"}]}}}}
            """);
    }
}
