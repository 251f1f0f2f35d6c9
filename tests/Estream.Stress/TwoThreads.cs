namespace Estream.Stress;

/// <summary>
/// Has two threads do one thing each, at the same moment, again and again. They meet before each round in a spin, and one of them starts
/// a little later, by a different little each time, so that the accesses of both slide over each other.
/// </summary>
internal static class TwoThreads
{
    private const int LargestSkew = 24;

    /// <summary>Plays rounds until one is wrong, or the limit is reached.</summary>
    /// <param name="limit">Rounds.</param>
    /// <param name="prepare">Before the round, alone.</param>
    /// <param name="first">What the one thread does.</param>
    /// <param name="second">What the other does.</param>
    /// <param name="isWrong">After the round, alone.</param>
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

    // Counters on lines of their own. The release and acquire here order the rounds, and nothing within a round.
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
