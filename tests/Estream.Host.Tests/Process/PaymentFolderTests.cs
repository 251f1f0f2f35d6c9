using System.Text.Json;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: all files that a bank puts into a folder are stored, despite crashes of the host. Method: the host is killed with SIGKILL while it
/// reads files, and restarted. At the end, each message is in the queue, in the order of the file names, and repetitions are only those
/// that a crash can cause.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class PaymentFolderTests : IDisposable
{
    private static readonly string s_schemas = RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml");

    private readonly HostFiles _files = new();

    private string Folder => Path.Combine(Path.GetDirectoryName(_files.Config)!, "in");

    private string Done => Path.Combine(Folder, "done");

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Kill_9_loses_and_repeats_no_payment()
    {
        int count = LongRun.Count(1_000, 20_000);
        int kills = LongRun.Count(4, 60);
        Configure();
        string[] ids = [.. Enumerable.Range(0, count).Select(number => $"M-{number:D6}")];
        Array.ForEach(ids, id => File.WriteAllText(Path.Combine(Folder, $"{id}.xml"), PaymentFile.Transfer(id)));
        for (int killed = 0; killed < kills && CountDone() < count; killed++)
        {
            int before = CountDone();
            using HostProcess host = _files.Start();
            Eventually.True(() => host.Process.HasExited || CountDone() > before, "the host takes a file");
            Assert.False(host.Process.HasExited, $"{host.Process.Output}\n{host.Process.Error}");
            host.Kill();
        }

        using HostProcess last = _files.Start().WaitUntilReady();
        Eventually.True(() => CountDone() == count, "all files are done");
        last.Stop();

        List<string> stored =
            [.. new HostSecrets(_files).Open("payments", EsfSchemaSet.Load(s_schemas), "Pacs008CreditTransfer").Select(PaymentFile.IdOf)];
        Assert.Equal(ids, stored);
        Assert.Equal(0, _files.Count("dead-letters"));
    }

    [Fact]
    public void An_invalid_file_is_rejected_and_reported_without_its_content()
    {
        Configure();
        File.WriteAllText(Path.Combine(Folder, "1.xml"),
            PaymentFile.Transfer("M-1").Replace("SHAR", "CANARY-7731", StringComparison.Ordinal));
        using HostProcess host = _files.Start().WaitUntilReady();

        Eventually.True(() => File.Exists(Path.Combine(Folder, "refused", "1.xml")), "the file is refused");
        string letters = host.Get("/api/queues/dead-letters/messages");
        ProcessResult end = host.Stop();

        Assert.Contains("ChrgBr: UnknownCode", letters, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY-7731", letters + end.Output + end.Error, StringComparison.Ordinal);
        Assert.Equal(0, _files.Count("payments"));
    }

    private int CountDone() => Directory.Exists(Done) ? Directory.GetFiles(Done).Length : 0;

    private void Configure()
    {
        HostSecrets secrets = new(_files);
        secrets.Make("payment_agent", "auditor", "regulator");
        Directory.CreateDirectory(Folder);
        File.WriteAllText(_files.Config, $$$$$"""
            {"Estream":{
              "Schemas":[{{{{{JsonSerializer.Serialize(s_schemas)}}}}}],
              "Privacy":{"Keys":{{{{{JsonSerializer.Serialize(secrets.Keys)}}}}}},
              "Queues":{"payments":{"SegmentBytes":1048576},"dead-letters":{"SegmentBytes":131072}},
              "Adapters":{"bank":{"Type":"iso20022-folder","Folder":{{{{{JsonSerializer.Serialize(Folder)}}}}},"PollMs":10,
                "Mappings":[{"Topic":"pacs.008","Schema":"Pacs008CreditTransfer","Queue":"payments"}]}}}}
            """);
    }
}
