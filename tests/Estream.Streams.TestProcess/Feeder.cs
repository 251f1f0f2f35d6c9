using Estream.Queue;

namespace Estream.Streams.TestProcess;

/// <summary>Runs pipelines and meanwhile appends to their source, so that a crash at any moment leaves both finished and unfinished
/// work.</summary>
public static class Feeder
{
    /// <summary>More messages than any of the pipelines processes before it commits its position.</summary>
    private const long Somewhere = 5_000;

    /// <summary>The number of bytes by which the end of the source queue is kept ahead of the slowest pipeline.</summary>
    private const long AheadBytes = 2 << 20;

    private const int AtOnce = 500;

    /// <summary>The maximum number of messages per process, so that a late crash does not fill the disk.</summary>
    private const int MostMessages = 300_000;

    /// <summary>Runs each pipeline on its own thread forever. Reports when every pipeline has made progress, and when no more messages will
    /// be appended.</summary>
    /// <param name="pipelines">The pipelines.</param>
    /// <param name="source">Appends to the source queue; for a join, to the left queue.</param>
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
