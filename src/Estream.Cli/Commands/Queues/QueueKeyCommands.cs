using System.CommandLine;
using System.Text.Json;
using Estream.Cli.Data;
using Estream.Core;
using Estream.Queue;

namespace Estream.Cli.Commands;

/// <summary>
/// `estream queue rotate-key` and `estream queue rewrap-keys`: change the keys of a queue, not its messages. Appenders can keep running.
/// </summary>
internal static class QueueKeyCommands
{
    public static Command CreateRotate(CliContext context) => Create(
        context, "rotate-key",
        "Creates a new key for messages appended from now on, and deletes keys that no segment uses. Changes only queue.keys. Example: "
        + "estream queue rotate-key orders --key-file master.keys",
        queue => $"key {queue.RotateKey()} encrypts new messages; {Kept(queue)}");

    public static Command CreateRewrap(CliContext context) => Create(
        context, "rewrap-keys", "Wraps all keys of the queue with the first master key of the key file. Changes only queue.keys. Example: "
            + "estream queue rewrap-keys orders --key-file master.keys",
        queue => $"{queue.RewrapKeys()} keys rewrapped; {Kept(queue)}");

    /// <summary>Returns the encryption of a queue as one line of text.</summary>
    public static string Describe(QueueEncryption? encryption) =>
        encryption is null
            ? "no"
            : $"from segment {encryption.FirstSegment} on, current key {encryption.CurrentGeneration}; "
                + string.Join(", ", encryption.Generations.Select(g => $"key {g.Number} wrapped with '{g.MasterKeyId}'"));

    /// <summary>Writes the encryption of a queue as JSON members.</summary>
    public static void Write(Utf8JsonWriter json, QueueEncryption? encryption)
    {
        json.WriteBoolean("encrypted", encryption is not null);
        if (encryption is null)
        {
            return;
        }

        json.WriteNumber("firstEncryptedSegment", encryption.FirstSegment);
        json.WriteNumber("currentKey", encryption.CurrentGeneration);
        json.WriteStartArray("keys");
        foreach (QueueKeyGeneration generation in encryption.Generations)
        {
            json.WriteStartObject();
            json.WriteNumber("number", generation.Number);
            json.WriteString("masterKey", generation.MasterKeyId);
            json.WriteNumber("createdAt", generation.CreatedAt);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Kept(EstreamQueue queue) => $"encrypted {Describe(queue.GetInfo().Encryption)}";

    private static Command Create(CliContext context, string name, string help, Func<EstreamQueue, string> change) =>
        KeyChangeCommand.Create(context, name, help, SharedOptions.Queue(), DataFolder.Queues, (directory, keys) =>
        {
            // Opening read-only fails if the queue does not exist; opening for writing would create it.
            EstreamQueue.OpenReadOnly(directory).Dispose();
            using EstreamQueue opened = EstreamQueue.Open(directory, new QueueOptions { Keys = keys });
            return change(opened);
        });
}
