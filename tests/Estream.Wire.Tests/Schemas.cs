using System.Buffers;
using System.Text;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Wire.Tests;

/// <summary>Schemas for tests, and their messages as JSON.</summary>
internal static class Schemas
{
    public static EsfSchemaSet Set { get; } = EsfSchemaSet.BuiltIn.With(EsfSchemaSet.Parse(new EsfSchemaFile("test.esf.yaml", """
        version: "1.0"
        namespace: test
        schemas:
          Blob:
            fields:
              name: { type: string(16) }
              content: { type: bytes }
              received: { type: timestamp, optional: true }
          Flag:
            fields:
              on: { type: bool }
          Text:
            fields:
              text: { type: string }
          Kept:
            fields:
              id: { type: string(16) }
              secret: { type: string, privacy: encrypted }
          Visit:
            fields:
              id: { type: string(16) }
              name: { type: string, privacy: encrypted }
              finding: { type: string, optional: true, privacy: { default_level: encrypted, sublex: clinical } }
          Payment:
            fields:
              id: { type: string(16) }
              card: { type: string(19), privacy: tokenized }
          Patient:
            fields:
              ward: { type: string(16) }
              patient: { type: string(16), privacy: encrypted }
              pulse: { type: u16 }
          Signed:
            fields:
              id: { type: u32 }
              text: { type: string(16) }
              signature: { type: pq_signature, optional: true }
          SignedSecret:
            fields:
              id: { type: u32 }
              secret: { type: string, privacy: encrypted }
              signature: { type: pq_signature }
          Count:
            fields:
              id: { type: u32 }
              count: { type: u16 }
        """)));

    public static EsfSchema Iot => Get("IoTTelemetry");

    public static EsfSchema Get(string name)
    {
        return Set.TryGet(name, out EsfSchema? schema) ? schema : throw new InvalidOperationException($"no schema {name}");
    }

    public static IReadOnlyList<string> ReadAll(EstreamQueue queue)
    {
        List<string> messages = [];
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            messages.Add(ToJson(message.Payload));
        }

        return messages;
    }

    public static string ToJson(ReadOnlySpan<byte> message)
    {
        ArrayBufferWriter<byte> json = new();
        Assert.True(Set.TryGet(message, out EsfSchema? schema));
        EsfStatus status = EsfJson.WriteJson(schema, message, json);
        Assert.True(status.IsOk, status.ToString());
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
