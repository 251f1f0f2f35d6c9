namespace Estream.Scenarios.Capacity;

/// <summary>A measured step: the size of an entry, and the processor time for it.</summary>
/// <param name="Bytes">The bytes of the entry.</param>
/// <param name="Messages">The messages of the entry.</param>
/// <param name="Micros">The processor time.</param>
/// <param name="WholeMicros">The time of which the sample is a part, by which the fit weights errors; 0 to use the own time.</param>
internal readonly record struct StepSample(double Bytes, double Messages, double Micros, double WholeMicros = 0);

/// <summary>Fits the cost of a step to measurements, by least squares of the relative errors. No part of a cost is negative.</summary>
internal static class StepFit
{
    private const int Parts = 3;
    private const double MicrosPerNano = 1e-3;
    private const double Tiny = 1e-12;

    // Of the longest time. Shorter times are not more certain.
    private const double ShortestShare = 0.01;

    /// <summary>Fits all parts for which the samples have information.</summary>
    public static StepCost Of(IReadOnlyList<StepSample> samples) => Of(samples, hasFixed: true);

    /// <summary>Fits a cost without a fixed part.</summary>
    public static StepCost WithoutFixed(IReadOnlyList<StepSample> samples) => Of(samples, hasFixed: false);

    private static StepCost Of(IReadOnlyList<StepSample> all, bool hasFixed)
    {
        StepSample[] samples = MeansOf(all);
        bool[] isUsed = [hasFixed, samples.Any(sample => sample.Bytes != 0), samples.Any(sample => sample.Messages != 0)];
        while (true)
        {
            double[] parts = Solve(samples, isUsed);
            int lowest = Array.IndexOf(parts, parts.Min());
            if (parts[lowest] >= 0)
            {
                return new StepCost(parts[0], parts[1], parts[2]);
            }

            isUsed[lowest] = false;
        }
    }

    /// <summary>Returns one sample for each size. Otherwise the shorter of two samples of the same size has the greater weight, and
    /// the fit is below their mean.</summary>
    private static StepSample[] MeansOf(IReadOnlyList<StepSample> samples) =>
    [
        .. samples.GroupBy(sample => (sample.Bytes, sample.Messages)).Select(group => new StepSample(
            group.Key.Bytes, group.Key.Messages, group.Average(sample => sample.Micros), group.Average(sample => sample.WholeMicros))),
    ];

    // The normal equations, with each sample divided by its time. Parts that are not used get the equation 'part = 0'.
    private static double[] Solve(IReadOnlyList<StepSample> samples, bool[] isUsed)
    {
        double[,] matrix = new double[Parts, Parts + 1];
        double shortest = Math.Max(Tiny, samples.Max(WeighedMicros) * ShortestShare);
        foreach (StepSample sample in samples)
        {
            double weight = 1 / Math.Max(shortest, WeighedMicros(sample));
            double[] row = [weight, sample.Bytes * MicrosPerNano * weight, sample.Messages * MicrosPerNano * weight];
            for (int i = 0; i < Parts; i++)
            {
                for (int j = 0; j < Parts; j++)
                {
                    matrix[i, j] += isUsed[i] && isUsed[j] ? row[i] * row[j] : 0;
                }

                matrix[i, Parts] += isUsed[i] ? row[i] * sample.Micros * weight : 0;
            }
        }

        for (int i = 0; i < Parts; i++)
        {
            matrix[i, i] = isUsed[i] ? matrix[i, i] : 1;
        }

        return Eliminate(matrix);
    }

    private static double WeighedMicros(StepSample sample) => Math.Max(sample.Micros, sample.WholeMicros);

    private static double[] Eliminate(double[,] matrix)
    {
        for (int pivot = 0; pivot < Parts; pivot++)
        {
            double head = matrix[pivot, pivot];
            if (Math.Abs(head) < Tiny)
            {
                throw new ArgumentException("The samples are too similar: they do not determine the cost of the step.");
            }

            for (int j = 0; j <= Parts; j++)
            {
                matrix[pivot, j] /= head;
            }

            for (int i = 0; i < Parts; i++)
            {
                double factor = i == pivot ? 0 : matrix[i, pivot];
                for (int j = 0; j <= Parts; j++)
                {
                    matrix[i, j] -= factor * matrix[pivot, j];
                }
            }
        }

        return [.. Enumerable.Range(0, Parts).Select(i => matrix[i, Parts])];
    }
}
