using System.Buffers;
using System.Text;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams;

namespace Estream.Host.Tests.Process;

/// <summary>Audience keys and a token vault beside the configuration of a host, to read its queues.</summary>
internal sealed class HostSecrets(HostFiles files)
{
    private readonly string _place = Path.GetDirectoryName(files.Config)!;

    public string Keys => Path.Combine(_place, "keys");

    public string Vault => Path.Combine(_place, "vault");

    public string VaultKey => Path.Combine(_place, "vault.key");

    public void Make(params ReadOnlySpan<string> audiences)
    {
        Directory.CreateDirectory(Keys);
        foreach (string audience in audiences)
        {
            using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
            MlKem1024KeyFile.WritePrivate(Path.Combine(Keys, audience + ".key.pem"), key);
            MlKem1024KeyFile.WritePublic(Path.Combine(Keys, audience + ".pub.pem"), key.PublicKey);
        }

        CardVaultKey.Create(VaultKey).Dispose();
    }

    /// <summary>The messages of a queue as JSON, with all values that the keys and the vault can open.</summary>
    /// <param name="queueName">The queue.</param>
    /// <param name="schemas">The available schemas.</param>
    /// <param name="type">The schema of the messages.</param>
    /// <param name="audiences">The audiences whose keys are used; all if none is given.</param>
    public List<string> Open(string queueName, EsfSchemaSet schemas, string type, params string[] audiences)
    {
        List<string> found = [];
        Read(queueName, schemas, type, found.Add, audiences);
        return found;
    }

    /// <summary>Passes each message of a queue to <paramref name="take"/>, as JSON with all values that the keys and the vault can
    /// open. For queues that are too large for memory.</summary>
    public void Read(string queueName, EsfSchemaSet schemas, string type, Action<string> take, params string[] audiences)
    {
        Assert.True(schemas.TryGet(type, out EsfSchema? schema));
        using EsfKeyRing ring = audiences.Length == 0
            ? EsfKeyRing.Load(Keys)
            : new EsfKeyRing(audiences.Select(audience => MlKem1024KeyFile.ReadPrivate(Path.Combine(Keys, audience + ".key.pem"))));
        using CardVaultKey key = CardVaultKey.Load(VaultKey);
        using CardVault vault = CardVault.Open(Vault, key);
        using EsfUnsealer unsealer = new(schema, ring, vault);
        files.Read(queueName, message =>
        {
            EsfStatus status = unsealer.Open(message.Payload, out ReadOnlySpan<byte> opened, out _);
            Assert.True(status.IsOk, status.ToString());
            ArrayBufferWriter<byte> json = new();
            Assert.True(EsfJson.WriteJson(schema, opened, json, EsfDisclosure.Disclosed).IsOk);
            take(Encoding.UTF8.GetString(json.WrittenSpan));
        });
    }
}
