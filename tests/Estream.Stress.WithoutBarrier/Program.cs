using Estream.Stress;

// The stress of the signal with its barrier left out, and that of the lock of a stripe without its atomic instruction: says how many rounds
// it took until one broke.
(string What, Func<long, long> Stress)? chosen = args is [var name, _]
    ? name switch
    {
        "signal" => ("lost", SignalStress.RoundsUntilALostWakeUp),
        "stripe" => ("both", StripeLockStress.RoundsUntilBothHaveIt),
        _ => null,
    }
    : null;
if (chosen is not var (what, stress))
{
    Console.Error.WriteLine("usage: signal|stripe ROUNDS");
    return 2;
}

long rounds = stress(long.Parse(args[1]));
Console.WriteLine(rounds < 0 ? "none" : $"{what} after {rounds} rounds");
return 0;
