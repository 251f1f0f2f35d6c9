using System.Text.Json;
using Estream.Crypto;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: the key of an audience can be changed as described in <c>docs/guides/privacy.md</c> while a host runs. The two keys
/// together open all messages. Each key alone opens only the messages that were sealed for it.</summary>
[Collection(LongProcessCollection.Name)]
public sealed class KeyRotationTests : IDisposable
{
    private const string Client = "mosquitto_pub";
    private const string Package = "mosquitto-clients";
    private const string Withheld = """{"$withheld":true}""";

    private const string Schema = """
        version: "1.0"
        namespace: clinic
        schemas:
          Note:
            fields:
              id: { type: string(16) }
              text: { type: string(32), privacy: encrypted }

        """;

    private readonly HostFiles _files = new();

    private string Place => Path.GetDirectoryName(_files.Config)!;

    private string SchemaFile => Path.Combine(Place, "clinic.esf.yaml");

    /// <summary>The folder of the host, with only public keys.</summary>
    private string PublicKeys => Path.Combine(Place, "public");

    public void Dispose() => _files.Dispose();

    [PeerFact(Client, Package)]
    public void Messages_of_both_keys_can_be_read_while_the_old_key_is_kept()
    {
        string former = Folder("former");
        string present = Folder("present");
        string both = Folder("both");
        using MlKem1024PrivateKey first = MlKem1024PrivateKey.Generate();
        using MlKem1024PrivateKey second = MlKem1024PrivateKey.Generate();
        Configure();
        MlKem1024KeyFile.WritePublic(Path.Combine(PublicKeys, "default.pub.pem"), first.PublicKey);
        MlKem1024KeyFile.WritePrivate(Path.Combine(both, "default.key.pem"), first);
        MlKem1024KeyFile.WritePrivate(Path.Combine(former, "default.key.pem"), first);
        using (HostProcess host = _files.Start().WaitUntilReady())
        {
            Publish(host, "n-1", "before");
            Eventually.True(() => _files.Count("notes") == 1, "the first note is stored");
            File.Move(Path.Combine(both, "default.key.pem"), Path.Combine(both, "default.1.key.pem"));
            MlKem1024KeyFile.WritePrivate(Path.Combine(both, "default.key.pem"), second);
            MlKem1024KeyFile.WritePrivate(Path.Combine(present, "default.key.pem"), second);
            MlKem1024KeyFile.WritePublic(Path.Combine(PublicKeys, "default.pub.pem"), second.PublicKey);

            // The running host still seals for the old key, because it reads the public keys only at its start.
            Publish(host, "n-2", "meanwhile");
            Eventually.True(() => _files.Count("notes") == 2, "the second note is stored");
            _ = host.Stop();
        }

        using (HostProcess host = _files.Start().WaitUntilReady())
        {
            Publish(host, "n-3", "after");
            Eventually.True(() => _files.Count("notes") == 3, "the third note is stored");
            _ = host.Stop();
        }

        Assert.Equal([Note("n-1", "\"before\""), Note("n-2", "\"meanwhile\""), Note("n-3", "\"after\"")], Tail("--keys", both));
        Assert.Equal([Note("n-1", "\"before\""), Note("n-2", "\"meanwhile\""), Note("n-3", Withheld)], Tail("--keys", former));
        Assert.Equal([Note("n-1", Withheld), Note("n-2", Withheld), Note("n-3", "\"after\"")], Tail("--keys", present));
        Assert.Equal([Note("n-1", Withheld), Note("n-2", Withheld), Note("n-3", Withheld)], Tail());
    }

    private static string Note(string id, string text) => $$"""{"id":"{{id}}","text":{{text}}}""";

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(Place, name)).FullName;

    private string[] Tail(params ReadOnlySpan<string> options)
    {
        ProcessResult shown = ChildProcess.Run(
            "dotnet",
            [BuiltProgram.Cli, "tail", Path.Combine(_files.Data, "queues", "notes"), "--from", "start", "--json", "--schema", SchemaFile,
                .. options],
            environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = _files.Data }).EnsureSuccess();
        return [.. shown.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(MessageOf)];
    }

    private static string MessageOf(string line)
    {
        using JsonDocument shown = JsonDocument.Parse(line);
        return shown.RootElement.GetProperty("message").GetRawText();
    }

    private static void Publish(HostProcess host, string id, string text)
    {
        using ChildProcess client = ChildProcess.Start(
            Peer.Require(Client, Package),
            ["-h", "127.0.0.1", "-p", $"{host.MqttPort}", "-V", "mqttv5", "-q", "1", "-t", "notes/" + id, "-m",
                $$"""{"text":"{{text}}"}"""]);
        client.WaitForExit().EnsureSuccess();
    }

    private void Configure()
    {
        Directory.CreateDirectory(PublicKeys);
        File.WriteAllText(SchemaFile, Schema);
        File.WriteAllText(_files.Config, $$$$$"""
            {"Estream":{
              "Schemas":["{{{{{SchemaFile}}}}}"],
              "Privacy":{"Keys":"{{{{{PublicKeys}}}}}"},
              "Queues":{"notes":{}},
              "Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"notes/{id}","Schema":"Note","Queue":"notes"}]}}}}
            """);
    }
}
