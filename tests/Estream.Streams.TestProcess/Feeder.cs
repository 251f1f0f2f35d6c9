using Estream.Queue;

namespace Estream.Streams.TestProcess;

/// <summary>Runs pipelines and appends to what they read meanwhile, so that a kill at any moment finds work done and work left.</summary>
public static class Feeder
{
    /// <summary>More than any of them takes before it notes how far it has come.</summary>
    private const long Somewhere = 5_000;

    /// <summary>How far ahead of the slowest of them the queue is kept.</summary>
    private const long AheadBytes = 2 << 20;

    private const int AtOnce = 500;

    /// <summary>So many messages in one life of the process: however late a kill comes, the disk is not filled.</summary>
    private const int MostMessages = 300_000;

    /// <summary>Runs each on a thread of its own, for ever; says when each has got somewhere, and when no more messages will
    /// come.</summary>
    /// <param name="pipelines">The pipelines.</param>
    /// <param name="source">Appends to the queue they read, of a join to the left one.</param>
    /// <param name="append">Appends the next message.</param>
    public static int RunUntilKilled(IReadOnlyList<EsfPipeline> pipelines, QueueAppender source, Action append)
    {
        Console.WriteLine("running");
        Start(() => Feed(pipelines, source, append));
        foreach (EsfPipeline pipeline in pipelines)
        {
            Start(() => pipeline.Run(CancellationToken.None));
        }

        while (Console.ReadLine() is not null)
        {
        }

        return 0;
    }

    private static void Feed(IReadOnlyList<EsfPipeline> pipelines, QueueAppender source, Action append)
    {
        long last = source.NextSequence + MostMessages;
        bool isUnderWay = false;
        bool isFed = false;
        while (!isUnderWay || !isFed)
        {
            if (isFed || source.NextPosition - pipelines.Min(pipeline => pipeline.Position) > AheadBytes)
            {
                Thread.Sleep(1);
            }
            else
            {
                AppendSome(append);
            }

            if (!isUnderWay && pipelines.All(pipeline => pipeline.Read >= Somewhere))
            {
                isUnderWay = true;
                Console.WriteLine("under way");
            }

            if (!isFed && source.NextSequence >= last)
            {
                isFed = true;
                Console.WriteLine("fed");
            }
        }
    }

    private static void AppendSome(Action append)
    {
        for (int i = 0; i < AtOnce; i++)
        {
            append();
        }
    }

    private static void Start(Action work) => new Thread(() => work()) { IsBackground = true }.Start();
}
