using System.Buffers;
using System.Text.Json;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Host.Tests.Process.Outages;

/// <summary>The numbers in the messages of a queue of a host that runs.</summary>
/// <param name="files">The files of the host.</param>
/// <param name="queue">The queue.</param>
/// <param name="schemas">The schemas of the messages.</param>
/// <param name="read">Returns the number of a message; null for a message that does not count.</param>
internal sealed class StoredNumbers(HostFiles files, string queue, EsfSchemaSet schemas, Func<JsonElement, int?> read) : IDisposable
{
    private readonly List<int> _numbers = [];
    private readonly ArrayBufferWriter<byte> _json = new();
    private EstreamQueue? _queue;
    private QueueTailer? _tailer;

    /// <summary>Reads what was appended since the last call.</summary>
    /// <returns>All numbers, in the order of the queue.</returns>
    public IReadOnlyList<int> Advance()
    {
        _queue ??= EstreamQueue.OpenReadOnly(Path.Combine(files.Data, "queues", queue));
        _tailer ??= _queue.CreateTailer();
        while (_tailer.TryRead(out QueueMessage message))
        {
            Assert.True(schemas.TryGet(message.Payload, out EsfSchema? schema));
            _json.ResetWrittenCount();
            Assert.True(EsfJson.WriteJson(schema, message.Payload, _json).IsOk);
            using JsonDocument document = JsonDocument.Parse(_json.WrittenMemory);
            if (read(document.RootElement) is int number)
            {
                _numbers.Add(number);
            }
        }

        return _numbers;
    }

    public void Dispose()
    {
        _tailer?.Dispose();
        _queue?.Dispose();
    }
}
