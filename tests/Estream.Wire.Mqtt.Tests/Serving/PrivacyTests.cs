using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>Messages that the host never stores in plaintext are not stored in plaintext for subscribers either.</summary>
public class PrivacyTests
{
    private const string Secret = "the cat is out";

    [Fact]
    public async Task Messages_that_may_have_private_fields_are_neither_relayed_nor_retained()
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTCommand", out EsfSchema? command));
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(
            new TestQueues(keys: EsfAudienceKeys.None.With("default", key.PublicKey)),
            mappings: [TestQueues.JsonMapping, TopicMapping.Json("commands/{device_id}", command, "telemetry")]);
        using Subscribing client = endpoint.Connect("client");
        using Subscribing publisher = endpoint.Connect("publisher");
        client.Subscribe("#");

        // Publishes a command, a command with a misspelled topic, and a message without private fields.
        publisher.PublishWith("commands/pump-7", Secret, "", retain: true);
        publisher.PublishWith("comands/pump-7", Secret, "", retain: true);
        publisher.PublishWith(Topic, Json, "", retain: true);

        Assert.Equal(Json, client.Take().Payload);
        using Subscribing late = endpoint.Connect("late");
        late.Subscribe("#");
        Assert.Equal(Json, late.Take().Payload);
        late.Raw.Send(0xC0, 0);
        Assert.Equal(0xD0, late.Raw.Read().First);
        RequireNowhere(endpoint);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_an_encrypted_queue_the_relay_is_encrypted_and_nothing_is_retained(bool isWrapped)
    {
        using TempDirectory folder = new();
        string keyFile = folder.Combine("keys");
        await File.WriteAllTextAsync(keyFile, $"k1 {new string('a', 64)}\n");
        File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string? privateKey = isWrapped ? folder.Combine("host.key.pem") : null;
        if (privateKey is not null)
        {
            using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
            MlKem1024KeyFile.WritePrivate(privateKey, key);
            MasterKeyFile.Add(keyFile, "k2", key.PublicKey);
        }

        using QueueKeyRing ring = MasterKeyFile.Read(keyFile, privateKey);
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(new TestQueues(new QueueOptions { Keys = ring }),
            new MqttEndpointOptions { RelayKeyFile = keyFile, RelayPrivateKeyFile = privateKey });
        using (RawClient asking = new(endpoint.Port))
        {
            Assert.Contains("2500", Convert.ToHexString(asking.Connect().Body), StringComparison.Ordinal);
        }

        using Subscribing client = endpoint.Resume("client");
        using Subscribing publisher = endpoint.Connect("publisher");
        client.Subscribe("a", qos: 1);
        publisher.PublishWith("a", Secret, "", retain: true);

        Assert.Equal(Secret, client.Take().Payload);
        RequireNowhere(endpoint);
    }

    [Fact]
    public async Task With_an_encrypted_queue_a_relay_without_keys_is_refused()
    {
        using TempDirectory folder = new();
        await File.WriteAllTextAsync(folder.Combine("rules"), ServingEndpoint.Everything);
        using QueueKeyRing ring = new("k1", new byte[QueueKeyRing.KeyBytes]);
        using TestQueues queues = new(new QueueOptions { Keys = ring });
        await using MqttEndpoint endpoint =
            new(new MqttEndpointOptions { Port = 0, AclFile = folder.Combine("rules") }, [TestQueues.JsonMapping], queues.Context);

        WireConfigurationException failure =
            await Assert.ThrowsAsync<WireConfigurationException>(() => endpoint.StartAsync(CancellationToken.None));

        Assert.Equal("RelayKeyFile", failure.Key);
    }

    [Fact]
    public async Task A_private_key_without_a_key_file_of_the_relay_is_refused()
    {
        using TempDirectory folder = new();
        await File.WriteAllTextAsync(folder.Combine("rules"), ServingEndpoint.Everything);
        using TestQueues queues = new();
        MqttEndpointOptions options = new() { Port = 0, AclFile = folder.Combine("rules"), RelayPrivateKeyFile = "host.key.pem" };
        await using MqttEndpoint endpoint = new(options, [TestQueues.JsonMapping], queues.Context);

        WireConfigurationException failure =
            await Assert.ThrowsAsync<WireConfigurationException>(() => endpoint.StartAsync(CancellationToken.None));

        Assert.Equal("RelayPrivateKeyFile", failure.Key);
    }

    /// <summary>Asserts that no file of the directory contains the secret.</summary>
    private static void RequireNowhere(ServingEndpoint endpoint)
    {
        string[] files = [.. Directory.GetFiles(endpoint.Queues.Context.Place!.Directory, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(".lock", StringComparison.Ordinal))];
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Equal(-1, Read(file).AsSpan().IndexOf("the cat is out"u8)));
    }

    // Does not use File.ReadAllBytes, which takes a lock that a writer of the file may hold.
    private static byte[] Read(string file)
    {
        using MemoryRegion region = FileStorage.Instance.OpenRegion(file, RegionAccess.ReadOnly);
        return region.All.ReadOnlySpan(0, (int)region.Length).ToArray();
    }
}
