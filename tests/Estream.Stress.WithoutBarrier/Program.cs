using Estream.Stress;

// The stress of the signal with one barrier left out: says how many rounds it took until a wake-up was lost.
if (args is not [var limit])
{
    Console.Error.WriteLine("usage: ROUNDS");
    return 2;
}

long rounds = SignalStress.RoundsUntilALostWakeUp(long.Parse(limit));
Console.WriteLine(rounds < 0 ? "none lost" : $"lost after {rounds} rounds");
return 0;
