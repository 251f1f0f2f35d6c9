using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Estream.Core;
using Estream.Crypto;
using Estream.Map;
using Estream.Testing;

namespace Estream.Cli.Tests;

/// <summary>Queues and maps under master keys that are wrapped for an ML-KEM-1024 key, on the command line.</summary>
public sealed class WrappedMasterKeyTests : IDisposable
{
    private readonly SampleData _data = new();

    private string KeyFile => Place("master.keys");

    private string PrivateKey => Place("host.key.pem");

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Keys_go_from_plaintext_to_wrapped_and_back()
    {
        SecretFiles.Write(KeyFile, $"old {new string('7', 64)}\n");
        FillQueueAndMap(QueueKeyRing.FromFile(KeyFile));
        await CreateWrappedAsync("next");
        string[] keys = ["--key-file", KeyFile, "--private-key", PrivateKey];
        Assert.Contains("key 1 wrapped with 'next'", await OutputAsync(["queue", "rewrap-keys", "telemetry", .. keys]),
            StringComparison.Ordinal);
        Assert.Equal("2 keys rewrapped with 'next'\n", await OutputAsync(["map", "rewrap-keys", "sessions", .. keys]));
        string wrapped = File.ReadAllLines(KeyFile)[0];
        SecretFiles.Write(KeyFile, wrapped);
        await AssertReadableAsync(keys);
        (await _data.RunAsync("tail", "telemetry", "--key-file", KeyFile)).AssertFailed(ExitCode.Failed, "--private-key", KeyFile);

        // New data keys are wrapped with the wrapped master key, too.
        Assert.Contains("key 2 wrapped with 'next'", await OutputAsync(["queue", "rotate-key", "telemetry", .. keys]),
            StringComparison.Ordinal);
        Assert.StartsWith("key 3 encrypts", await OutputAsync(["map", "rotate-key", "sessions", .. keys]), StringComparison.Ordinal);
        SecretFiles.Write(KeyFile, $"back {new string('8', 64)}\n{wrapped}\n");
        await OutputAsync(["queue", "rewrap-keys", "telemetry", .. keys]);
        await OutputAsync(["map", "rewrap-keys", "sessions", .. keys]);
        SecretFiles.Write(KeyFile, $"back {new string('8', 64)}\n");
        await AssertReadableAsync(["--key-file", KeyFile]);
    }

    [Fact]
    public async Task A_wrapped_key_is_the_key_that_the_guide_derives_from_its_secret()
    {
        await CreateWrappedAsync("next");
        FillQueueAndMap(MasterKeyFile.Read(KeyFile, PrivateKey));
        byte[] wrapped = Convert.FromBase64String(File.ReadAllText(KeyFile).TrimEnd()["next ml-kem-1024:".Length..]);
        byte[] secret = new byte[MlKem1024.SharedSecretBytes];
        using (MlKem1024PrivateKey key = MlKem1024KeyFile.ReadPrivate(PrivateKey))
        {
            key.Decapsulate(wrapped.AsSpan(0, MlKem1024.CiphertextBytes), secret);
        }

        byte[] master = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 48, salt: null, "estream master key 1 next"u8.ToArray())[..32];
        SecretFiles.Write(KeyFile, $"next {Convert.ToHexString(master)}\n");
        await AssertReadableAsync(["--key-file", KeyFile]);
    }

    [Fact]
    public async Task A_wrong_private_key_changes_and_prints_nothing()
    {
        await CreateWrappedAsync("next");
        FillQueueAndMap(MasterKeyFile.Read(KeyFile, PrivateKey));
        await OutputAsync("key", "new", "--algorithm", "ml-kem-1024", "--out", Place("other"));
        string other = Place("other.key.pem");
        byte[] before = File.ReadAllBytes(Path.Combine(_data.QueueFolder, "queue.keys"));
        foreach (string[] command in (string[][])[["tail", "telemetry"], ["queue", "verify", "telemetry"],
            ["queue", "rotate-key", "telemetry"], ["queue", "rewrap-keys", "telemetry"], ["map", "rotate-key", "sessions"],
            ["map", "rewrap-keys", "sessions"], ["map", "get", "sessions", "key"]])
        {
            (await _data.RunAsync([.. command, "--key-file", KeyFile, "--private-key", other])).AssertFailed(ExitCode.Failed,
                $"the private key '{other}' does not belong to master key 'next'");
        }

        Assert.Equal(before, File.ReadAllBytes(Path.Combine(_data.QueueFolder, "queue.keys")));
        (await _data.RunAsync("tail", "telemetry", "--private-key", PrivateKey)).AssertFailed(ExitCode.Failed, "requires --key-file");
    }

    [Fact]
    public async Task Add_master_refuses_a_known_or_invalid_id_and_a_private_key()
    {
        await CreateWrappedAsync("next");
        string text = File.ReadAllText(KeyFile);
        string[] add = ["key", "add-master", "--key-file", KeyFile, "--public-key"];
        (await _data.RunAsync([.. add, Place("host.pub.pem"), "next"])).AssertFailed(ExitCode.Failed, KeyFile, "already has", "'next'");
        (await _data.RunAsync([.. add, Place("host.pub.pem"), "a/b"])).AssertFailed(ExitCode.Failed, "1 to 32 ASCII letters");
        (await _data.RunAsync([.. add, PrivateKey, "last"])).AssertFailed(ExitCode.Failed, PrivateKey, "public key");
        (await _data.RunAsync([.. add, Place("none"), "last"])).AssertFailed(ExitCode.Failed, Place("none"), "does not exist");
        Assert.Equal(text, File.ReadAllText(KeyFile));
    }

    [Fact]
    public void The_commands_of_the_guide_replace_a_plaintext_key()
    {
        string page = File.ReadAllText(RepositoryRoot.Combine("docs", "guides", "encryption.md"));
        string commands = Assert.Single(Regex.Matches(page, "```sh\n(.*?)```", RegexOptions.Singleline)).Groups[1].Value;
        SecretFiles.Write(KeyFile, $"2026-11 {new string('7', 64)}\n");
        FillQueueAndMap(QueueKeyRing.FromFile(KeyFile));
        Directory.Move(_data.QueueFolder, Place("queues/orders"));
        string script = $"set -e; export ESTREAM_DATA=.; estream() {{ dotnet \"$0\" \"$@\"; }}\n{commands}";

        ProcessResult result = ChildProcess.Run("/bin/bash", ["-c", script, BuiltProgram.Cli], _data.Folder).EnsureSuccess();

        Assert.Contains("pump-2", result.Output, StringComparison.Ordinal);
        Assert.StartsWith("2026-12 ml-kem-1024:", Assert.Single(File.ReadAllLines(KeyFile)), StringComparison.Ordinal);
        Assert.True(File.Exists(PrivateKey));
        using QueueKeyRing keys = MasterKeyFile.Read(KeyFile, PrivateKey);
        using ByteMap map = ByteMap.OpenReadOnly(Place("maps/sessions"), new ByteMapOptions { Keys = keys });
        Assert.True(map.ContainsKey("key"u8));
    }

    private string Place(string name) => Path.Combine(_data.Folder, name);

    private void FillQueueAndMap(QueueKeyRing keys)
    {
        using (keys)
        {
            _data.Keys = keys;
            _data.AppendReadings(3);
            using ByteMap map = ByteMap.Open(Place("maps/sessions"), new ByteMapOptions { Keys = keys });
            map.Put("key"u8, "value"u8);
        }
    }

    private async Task CreateWrappedAsync(string id)
    {
        await OutputAsync("key", "new", "--algorithm", "ml-kem-1024", "--out", Place("host"));
        Assert.Equal($"master key {id} added to {KeyFile}; it is the current key\n",
            await OutputAsync("key", "add-master", id, "--key-file", KeyFile, "--public-key", Place("host.pub.pem")));
    }

    private async Task<string> OutputAsync(params string[] args)
    {
        CliResult result = await _data.RunAsync(args);
        Assert.Equal((ExitCode.Ok, ""), (result.Code, result.Error));
        return result.Output;
    }

    private async Task AssertReadableAsync(string[] keys)
    {
        Assert.Contains("pump-2", await OutputAsync(["tail", "telemetry", .. keys]), StringComparison.Ordinal);
        Assert.StartsWith("intact: 3 messages", await OutputAsync(["queue", "verify", "telemetry", .. keys]), StringComparison.Ordinal);
        Assert.Contains("keys rewrapped", await OutputAsync(["map", "rewrap-keys", "sessions", .. keys]), StringComparison.Ordinal);
    }
}
