using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>An open queue with its watch and its view for the console.</summary>
internal sealed class QueueRuntime : IDisposable
{
    public QueueRuntime(string name, EstreamQueue queue, MessageJson json, ReadGate gate)
    {
        Name = name;
        Queue = queue;
        Watch = new QueueWatch(queue);
        View = new QueueView(name, queue, Watch, json, gate);
    }

    public string Name { get; }

    public EstreamQueue Queue { get; }

    public QueueWatch Watch { get; }

    public QueueView View { get; }

    public void Dispose()
    {
        Watch.Dispose();
        Queue.Dispose();
    }
}
