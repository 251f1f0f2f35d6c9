namespace Estream.Stress;

/// <summary>Runs two actions on two threads at the same moment, repeatedly. The threads meet in a spin loop before each round, and each
/// then waits for a different delay, so that the relative order of their accesses varies.</summary>
internal static class TwoThreads
{
    private const int LargestSkew = 24;

    /// <summary>Runs rounds until one is wrong or the limit is reached.</summary>
    /// <param name="limit">The number of rounds.</param>
    /// <param name="prepare">Runs alone before each round.</param>
    /// <param name="first">The action of the first thread.</param>
    /// <param name="second">The action of the second thread.</param>
    /// <param name="isWrong">Runs alone after each round and returns whether it was wrong.</param>
    /// <returns>The number of the wrong round, or -1.</returns>
    public static long RoundsUntilWrong(long limit, Action prepare, Action first, Action second, Func<bool> isWrong)
    {
        var meeting = new Meeting();
        long wrong = -1;
        var other = new Thread(() =>
        {
            for (long round = 1; meeting.WaitForStart(round); round++)
            {
                Skew((int)(round % LargestSkew));
                second();
                meeting.Finish(round);
            }
        }) { IsBackground = true, Name = "stress" };
        other.Start();
        for (long round = 1; round <= limit && wrong < 0; round++)
        {
            prepare();
            meeting.Start(round);
            Skew((int)(round / LargestSkew % LargestSkew));
            first();
            meeting.WaitForFinish(round);
            wrong = isWrong() ? round : -1;
        }

        meeting.End();
        other.Join();
        return wrong;
    }

    private static void Skew(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            Thread.SpinWait(1);
        }
    }

    // The counters are on separate cache lines. Their release and acquire operations order the rounds, but nothing within a round.
    private sealed class Meeting
    {
        private const int SpinsBeforeYield = 2_000;
        private readonly long[] _words = new long[64];

        public void Start(long round) => Volatile.Write(ref _words[16], round);

        public void Finish(long round) => Volatile.Write(ref _words[40], round);

        public void End() => Volatile.Write(ref _words[16], -1);

        public bool WaitForStart(long round) => SpinUntil(16, round) == round;

        public void WaitForFinish(long round) => SpinUntil(40, round);

        private long SpinUntil(int word, long round)
        {
            for (int spins = 0; ; spins++)
            {
                long seen = Volatile.Read(ref _words[word]);
                if (seen == round || seen < 0)
                {
                    return seen;
                }

                if (spins > SpinsBeforeYield)
                {
                    Thread.Yield();
                }
            }
        }
    }
}
